#include "handler/bound_caller.hpp"

#include <cstring>
#include <functional>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace handler {

namespace asio = boost::asio;

namespace {

constexpr auto no_throw = asio::as_tuple(asio::use_awaitable);
/// The longest that a connection waits for its caller's groups and cgroup; a fact that has not come
/// by then is absent.
constexpr std::chrono::milliseconds look_up_time{400};

/// Shared by the waiting connection and the directory's thread: either may end first.
struct pending_look_up {
    explicit pending_look_up(asio::io_context& context) : timer(context) {}
    asio::steady_timer timer;
    std::optional<binding::caller> found;
};

}  // namespace

subject_bytes::subject_bytes(const binding::caller& who) {
    if (who.from == binding::caller::origin::local && who.uid) {
        bytes_[0] = 'u';
        std::memcpy(bytes_.data() + 1, &*who.uid, sizeof *who.uid);
        size_ = 1 + sizeof *who.uid;
    } else if (who.from == binding::caller::origin::network && who.address) {
        bytes_[0] = 'n';
        const auto& address = who.address->bytes();
        std::memcpy(bytes_.data() + 1, address.data(), address.size());
        const std::size_t name =
            who.interface.copy(bytes_.data() + 1 + address.size(), longest_device_name);
        size_ = 1 + address.size() + name;
    }
}

bound_caller::bound_caller(worker_state& worker, const net::connection_info& info,
                           bool wants_cgroup)
    : worker_(worker),
      caller_(worker.needs().inspector.inspect(info.fd)),
      subject_(caller_),
      peer_key_(std::hash<std::string_view>{}(subject_.text())),
      wants_cgroup_(wants_cgroup) {
    caller_.listener = info.listener;
    find_missing_facts();
    decide();
}

void bound_caller::find_missing_facts() {
    facts_missing_ = false;
    if (caller_.from != binding::caller::origin::local) return;
    const binding::rule_set& rules = worker_.current()->rules;
    const bool groups = rules.needs_groups() && !groups_known_;
    const bool cgroups = (rules.needs_cgroups() || wants_cgroup_) && !cgroups_known_;
    if (!groups && !cgroups) return;
    facts_missing_ = !worker_.needs().names.fill_cached(caller_, groups, cgroups);
    if (facts_missing_) return;
    groups_known_ = groups_known_ || groups;
    cgroups_known_ = cgroups_known_ || cgroups;
}

void bound_caller::decide() {
    decided_for_ = worker_.current()->generation;
    decided_ = worker_.current()->rules.decide(caller_);
}

bool bound_caller::follow_configuration() {
    if (decided_for_ == worker_.current()->generation) return true;
    find_missing_facts();
    if (facts_missing_) return false;
    decide();
    return true;
}

asio::awaitable<void> bound_caller::look_up() {
    const binding::rule_set& rules = worker_.current()->rules;
    const bool groups = rules.needs_groups();
    const bool cgroups = rules.needs_cgroups() || wants_cgroup_;
    asio::io_context& context = worker_.needs().context;
    auto pending = std::make_shared<pending_look_up>(context);
    pending->timer.expires_after(look_up_time);
    worker_.needs().names.look_up(
        caller_, groups, cgroups, [pending, &context](binding::caller who) {
            asio::post(context, [pending, who = std::move(who)]() mutable {
                pending->found = std::move(who);
                pending->timer.cancel();
            });
        });
    co_await pending->timer.async_wait(no_throw);
    if (pending->found) {
        caller_.groups = std::move(pending->found->groups);
        caller_.cgroup = std::move(pending->found->cgroup);
        caller_.unit = std::move(pending->found->unit);
        caller_.user_unit = std::move(pending->found->user_unit);
        caller_.user_unit_uid = pending->found->user_unit_uid;
    }
    groups_known_ = groups_known_ || groups;
    cgroups_known_ = cgroups_known_ || cgroups;
    // The configuration may have changed meanwhile, and ask for more.
    find_missing_facts();
    if (!facts_missing_) decide();
}

const listener_policy* bound_caller::policy() const {
    const auto found = worker_.current()->listeners.find(caller_.listener);
    return found == worker_.current()->listeners.end() ? nullptr : &found->second;
}

std::optional<std::size_t> bound_caller::admitted() const {
    return worker_.current()->rules.admits(caller_);
}

std::optional<bound_caller::refusal> bound_caller::refuse_unadmitted(
    const http::request& request) const {
    if (from_browser(request)) {
        return refusal{refusal_reason::browser, "requests made by web pages are not served\n"};
    }
    if (caller_.from == binding::caller::origin::unknown) {
        return refusal{refusal_reason::unknown_caller,
                       "the caller is unknown: " + std::string(caller_.why_unknown) + "\n"};
    }
    if (!admitted()) {
        std::string line = "no binding for listener " + caller_.listener + " matches " +
                           binding::describe(caller_);
        if (caller_.from == binding::caller::origin::network)
            line += "; it must name both source_network and interface";
        return refusal{refusal_reason::no_binding, line + "\n"};
    }
    return std::nullopt;
}

std::optional<bound_caller::refusal> bound_caller::refuse(const http::request& request,
                                                          const listener_policy* policy) const {
    if (!policy || !host_allowed(request, *policy)) {
        return refusal{refusal_reason::host_header,
                       "refused: the Host header names a host that this listener does not serve "
                       "(allowed_hosts)\n"};
    }
    if (from_browser(request)) {
        return refusal{refusal_reason::browser,
                       "refused: requests made by web pages are not served\n"};
    }
    if (caller_.from == binding::caller::origin::unknown) {
        return refusal{refusal_reason::unknown_caller, "refused: the caller is unknown: " +
                                                           std::string(caller_.why_unknown) + "\n"};
    }
    if (!decided_.profile_index) {
        return refusal{refusal_reason::no_binding,
                       "refused: no binding matches " + binding::describe(caller_) + "\n"};
    }
    return std::nullopt;
}

hand_out_ledger::event bound_caller::event_of(const http::request& request) const {
    hand_out_ledger::event event{caller_, subject_.text(), {}, {}, {}, {}, request.target, {}};
    if (decided_.profile_index) {
        const profile::role_profile& p =
            worker_.current()->profiles[*decided_.profile_index]->profile();
        event.profile = p.name;
        if (p.granted_role) event.role_arn = p.granted_role->arn;
        event.region = p.instance.region;
        event.account = p.instance.account;
    }
    if (const http::field* agent = request.find("User-Agent")) event.user_agent = agent->value;
    return event;
}

void bound_caller::note(const http::request& request, refusal_reason why, std::string_view reason,
                        std::string_view shown_path) const {
    add(worker_.needs().count.refused[std::size_t(why)]);
    hand_out_ledger::event event = event_of(request);
    if (!shown_path.empty()) event.path = shown_path;
    worker_.needs().ledger.refused(event, why, reason);
}

}  // namespace handler
