#include "handler/imds_conversation.hpp"

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

/// One writer, many readers: a plain increment without a locked instruction.
void add(std::atomic<std::uint64_t>& counter) {
    counter.store(counter.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
}

const imds::credential_state& nothing_yet() {
    static const imds::credential_state pending;
    return pending;
}

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
        std::memcpy(bytes_.data() + 1, who.address->bytes().data(), who.address->bytes().size());
        size_ = 1 + who.address->bytes().size();
    }
}

imds_conversation::imds_conversation(imds_state& service, const net::connection_info& info)
    : service_(service),
      caller_(service.needs.inspector.inspect(info.fd)),
      subject_(caller_),
      peer_key_(std::hash<std::string_view>{}(subject_.text())) {
    caller_.listener = info.listener;
    find_missing_facts();
    decide();
}

void imds_conversation::find_missing_facts() {
    facts_missing_ = false;
    if (caller_.from != binding::caller::origin::local) return;
    const binding::rule_set& rules = service_.current->rules;
    const bool groups = rules.needs_groups() && !groups_known_;
    const bool cgroups = rules.needs_cgroups() && !cgroups_known_;
    if (!groups && !cgroups) return;
    facts_missing_ = !service_.needs.names.fill_cached(caller_, groups, cgroups);
    if (facts_missing_) return;
    groups_known_ = groups_known_ || groups;
    cgroups_known_ = cgroups_known_ || cgroups;
}

void imds_conversation::decide() {
    generation_ = service_.current->generation;
    profile_ = service_.current->rules.decide(caller_).profile_index;
    // Indexes and serials of another generation may name other credentials.
    audited_serial_ = 0;
}

asio::awaitable<void> imds_conversation::look_up() {
    const binding::rule_set& rules = service_.current->rules;
    const bool groups = rules.needs_groups();
    const bool cgroups = rules.needs_cgroups();
    asio::io_context& context = service_.needs.context;
    auto pending = std::make_shared<pending_look_up>(context);
    pending->timer.expires_after(look_up_time);
    service_.needs.names.look_up(caller_, groups, cgroups,
                                 [pending, &context](binding::caller who) {
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
    facts_missing_ = false;
    decide();
}

asio::awaitable<void> imds_conversation::wait() {
    if (facts_missing_) {
        co_await look_up();
        co_return;
    }
    asio::steady_timer timer(service_.needs.context);
    const base::milliseconds left =
        give_up_ ? *give_up_ - service_.needs.clock.boot_now() : base::milliseconds(0);
    timer.expires_after(std::max(left, base::milliseconds(0)));
    const auto place = service_.waiting.insert(service_.waiting.end(), &timer);
    co_await timer.async_wait(no_throw);
    service_.waiting.erase(place);
}

net::action imds_conversation::respond(const http::request& request, http::response& answer) {
    if (!give_up_) add(service_.needs.count.requests);
    if (generation_ != service_.current->generation) {
        find_missing_facts();
        if (facts_missing_) return {net::action::kind::wait};
        decide();
    }
    const auto policy = service_.current->listeners.find(caller_.listener);
    if (policy == service_.current->listeners.end() || !host_allowed(request, policy->second)) {
        return refuse_as(request, answer, refusal_reason::host_header,
                         "refused: the Host header names a host that this listener does not "
                         "serve (allowed_hosts)\n");
    }
    if (from_browser(request)) {
        return refuse_as(request, answer, refusal_reason::browser,
                         "refused: requests made by web pages are not served\n");
    }
    if (caller_.from == binding::caller::origin::unknown) {
        return refuse_as(
            request, answer, refusal_reason::unknown_caller,
            "refused: the caller is unknown: " + std::string(caller_.why_unknown) + "\n");
    }
    if (!profile_) {
        return refuse_as(request, answer, refusal_reason::no_binding,
                         "refused: no binding matches " + binding::describe(caller_) + "\n");
    }
    return respond_as(*profile_, request, policy->second, answer);
}

net::action imds_conversation::respond_as(std::size_t profile, const http::request& request,
                                          const listener_policy& policy, http::response& answer) {
    const imds::metadata& served = *service_.current->profiles[profile];
    const auto& state = service_.credentials[profile];
    const imds::credential_state& credentials = state ? *state : nothing_yet();
    const base::clock& clock = service_.needs.clock;
    const base::boot_time boot = clock.boot_now();
    const imds::request_context context{
        served, service_.needs.tokens, credentials,           policy.options, clock.now(),
        boot,   subject_.text(),       service_.needs.random, remembered_,    scratch_};
    const imds::outcome done =
        imds::respond(request, context, !give_up_ || boot < *give_up_, answer);
    using kind = imds::outcome::kind;
    if (done.what == kind::credentials_pending) {
        if (!give_up_) give_up_ = boot + service_.needs.first_wait;
        return {net::action::kind::wait};
    }
    give_up_.reset();
    if (done.v1) add(service_.needs.count.v1_requests);
    switch (done.what) {
        case kind::answered:
        case kind::credentials_pending:
            break;
        case kind::token_issued:
            add(service_.needs.count.tokens_issued);
            return {net::action::kind::send, served.profile().metadata.hop_limit};
        case kind::credentials_served:
            return credentials_action(request, done, credentials, answer);
        case kind::v1_refused:
            note(request, refusal_reason::v1_disabled, "IMDSv1 is off for this profile");
            break;
        case kind::bad_token:
            note(request, refusal_reason::bad_token,
                 "the session token is expired, forged or another caller's");
            break;
        case kind::forwarded_refused:
            note(request, refusal_reason::forwarded_for, "the request bears X-Forwarded-For");
            break;
    }
    return {};
}

net::action imds_conversation::credentials_action(const http::request& request,
                                                  const imds::outcome& done,
                                                  const imds::credential_state& credentials,
                                                  http::response& answer) {
    const bool recorded = audited_serial_ == credentials.serial && audited_profile_ == *profile_ &&
                          audited_serial_ != 0;
    bool allowed = service_.needs.ledger.open();
    if (allowed && !recorded) {
        allowed = service_.needs.ledger.allow(event_of(request), credentials.access_key_id,
                                              credentials.expires, done.v1);
    }
    if (!allowed) {
        answer.clear();
        imds::answer_unavailable(base::seconds(1), answer);
        add(service_.needs.count.refused[std::size_t(refusal_reason::audit_failed)]);
        return {};
    }
    add(service_.needs.count.credentials_served);
    audited_serial_ = credentials.serial;
    audited_profile_ = *profile_;
    return {};
}

hand_out_ledger::event imds_conversation::event_of(const http::request& request) const {
    hand_out_ledger::event event{caller_, subject_.text(), {}, {}, {}, {}, request.target, {}};
    if (profile_) {
        const profile::role_profile& p = service_.current->profiles[*profile_]->profile();
        event.profile = p.name;
        if (p.granted_role) event.role_arn = p.granted_role->arn;
        event.region = p.instance.region;
        event.account = p.instance.account;
    }
    if (const http::field* agent = request.find("User-Agent")) event.user_agent = agent->value;
    return event;
}

void imds_conversation::note(const http::request& request, refusal_reason why,
                             std::string_view reason) {
    add(service_.needs.count.refused[std::size_t(why)]);
    service_.needs.ledger.refused(event_of(request), why, reason);
}

net::action imds_conversation::refuse_as(const http::request& request, http::response& answer,
                                         refusal_reason why, std::string line) {
    note(request, why, std::string_view(line).substr(0, line.size() - 1));
    imds::answer_line(403, std::move(line), answer);
    return {};
}

void imds_conversation::refuse(http::response& answer) {
    answer.headers = "Content-Type: text/plain\r\n";
    answer.server = imds::server_name;
    if (answer.status == 400) imds::answer_page(400, answer);
}

}  // namespace handler
