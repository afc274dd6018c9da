#include "handler/container_conversation.hpp"

#include <algorithm>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "container/describe.hpp"
#include "container/routes.hpp"
#include "http/go_server.hpp"
#include "workload/endpoint.hpp"

namespace handler {

namespace asio = boost::asio;

namespace {

constexpr auto no_throw = asio::as_tuple(asio::use_awaitable);
/// The longest that a request waits for the container engine, for all that it asks: less than a
/// worker has to drain when the daemon stops, and than the agent's own server would take to write.
constexpr base::milliseconds engine_time{4500};

/// Shared by the waiting connection and the engine's thread: either may end first.
template <class Answer>
struct pending_answer {
    explicit pending_answer(asio::io_context& context) : timer(context) {}
    asio::steady_timer timer;
    std::shared_ptr<const Answer> answer;
};

/// Hands what a thread of the engine found to the connection that waits for it.
template <class Answer>
auto deliver(std::shared_ptr<pending_answer<Answer>> to, asio::io_context& context) {
    return [to, &context](std::shared_ptr<const Answer> found) {
        asio::post(context, [to, found = std::move(found)]() mutable {
            to->answer = std::move(found);
            to->timer.cancel();
        });
    };
}

const container::credential_state& nothing_yet() {
    static const container::credential_state pending;
    return pending;
}

const container::credential_state& no_role() {
    static const container::credential_state none = [] {
        container::credential_state state;
        state.now = container::credential_state::status::none;
        return state;
    }();
    return none;
}

/// As Go writes a peer: "10.0.0.7:41234", "[::1]:41234".
std::string remote_address(int fd) {
    const auto peer = workload::peer_of(fd);
    if (!peer) return {};
    const std::string text = peer->address.text();
    return (peer->address.is_v4() ? text : "[" + text + "]") + ":" + std::to_string(peer->port);
}

}  // namespace

container_conversation::container_conversation(worker_state& worker,
                                               workload::container_engine* engine,
                                               http::rate_limiter& limiter,
                                               const net::connection_info& info)
    : worker_(worker),
      engine_(engine),
      limiter_(limiter),
      caller_(worker, info, engine != nullptr),
      remote_addr_(remote_address(info.fd)) {}

const container::binding_identifiers& container_conversation::own_identifiers() const {
    return (*worker_.current()->identifiers)[*caller_.rule()];
}

const profile::role_profile& container_conversation::profile() const {
    return worker_.current()->profiles[*caller_.profile()]->profile();
}

net::action container_conversation::wait_for(missing what) {
    missing_ = what;
    return {net::action::kind::wait};
}

/// A peer in another network namespace is known by its address alone, which can be taken over;
/// where it came in by is told by the kernel. The binding must name both.
std::optional<bound_caller::refusal> container_conversation::refuse_unproven() const {
    if (caller_.facts().from != binding::caller::origin::network) return std::nullopt;
    const binding::rule& rule = worker_.current()->rules.rules()[*caller_.rule()];
    if (!rule.networks.empty() && !rule.interfaces.empty()) return std::nullopt;
    return bound_caller::refusal{
        refusal_reason::no_binding,
        "refused: a caller from another network namespace gets nothing here until its binding "
        "names both source_network and interface\n"};
}

net::action container_conversation::refuse_as(const http::request& request,
                                              bound_caller::refusal refusal,
                                              http::response& answer) {
    caller_.note(request, refusal.why,
                 std::string_view(refusal.line).substr(0, refusal.line.size() - 1),
                 container::loggable_path(request.target));
    container::answer_line(403, std::move(refusal.line), answer);
    return {};
}

container::looked_up container_conversation::found() const {
    container::looked_up known;
    if (described_) known.described = described_->get();
    if (measured_) known.measured = measured_->get();
    return known;
}

net::action container_conversation::respond(const http::request& request, http::response& answer) {
    if (!again_) add(worker_.needs().count.requests);
    const bool again = std::exchange(again_, true);
    if (!caller_.follow_configuration()) return wait_for(missing::facts);
    if (described_for_ != caller_.generation()) {
        described_for_ = caller_.generation();
        described_.reset();
        measured_.reset();
    }
    auto refusal = caller_.refuse(request, caller_.policy());
    if (!refusal) refusal = refuse_unproven();
    if (refusal) {
        again_ = false;
        return refuse_as(request, std::move(*refusal), answer);
    }

    const worker_dependencies& needs = worker_.needs();
    const bool has_role = profile().granted_role.has_value();
    const auto state = worker_.state_of(*caller_.profile()).container;
    const container::credential_state& credentials = state      ? *state
                                                     : has_role ? nothing_yet()
                                                                : no_role();
    const base::boot_time boot = needs.clock.boot_now();
    const container::request_context context{
        own_identifiers(), credentials,       limiter_, caller_.subject(),
        remote_addr_,      needs.clock.now(), boot};
    const bool may_wait = !give_up_ || boot < *give_up_;
    // A first try that ended in a look-up of facts has not been counted by the limiter.
    const bool counted = again && missing_ != missing::facts;
    const auto done = container::respond(request, context, found(), counted, may_wait, answer);
    using kind = container::outcome::kind;
    switch (done.what) {
        case kind::credentials_pending:
            if (!give_up_) give_up_ = boot + needs.first_wait;
            return wait_for(missing::credentials);
        case kind::needs_description:
            return wait_for(missing::description);
        case kind::needs_own_statistics:
            return wait_for(missing::own_statistics);
        case kind::needs_task_statistics:
            return wait_for(missing::task_statistics);
        default:
            break;
    }
    again_ = false;
    missing_ = missing::nothing;
    give_up_.reset();
    engine_end_.reset();
    described_.reset();
    measured_.reset();
    const auto note = [&](refusal_reason why, std::string_view reason) {
        caller_.note(request, why, reason, container::loggable_path(request.target));
    };
    switch (done.what) {
        case kind::credentials_served:
            return credentials_action(request, credentials, answer);
        case kind::unknown_id:
            note(refusal_reason::unknown_id, "the id is not the one of the caller's binding");
            break;
        case kind::bad_token:
            note(refusal_reason::bad_token, "the Authorization token is not the caller's");
            break;
        case kind::role_denied:
            note(refusal_reason::role_denied, credentials.denial);
            break;
        case kind::rate_limited:
            note(refusal_reason::rate_limited, "more requests than one caller may make");
            break;
        default:
            break;
    }
    return {};
}

net::action container_conversation::credentials_action(
    const http::request& request, const container::credential_state& credentials,
    http::response& answer) {
    const audited now{caller_.generation(), *caller_.profile(), credentials.serial};
    hand_out_ledger& ledger = worker_.needs().ledger;
    using verdict = recorded_hand_out::verdict;
    verdict may = ledger.open() ? verdict::go : verdict::refused;
    if (may == verdict::go && now != audited_) {
        const std::string path = container::loggable_path(request.target);
        hand_out_ledger::event event = caller_.event_of(request);
        event.path = path;
        may = hand_out_.ask(ledger.journal(), ledger.allow(event, credentials.access_key_id,
                                                           credentials.expires, {}));
    }
    if (may == verdict::wait) {
        again_ = true;
        return wait_for(missing::record);
    }
    if (may == verdict::refused) {
        answer.clear();
        container::answer_line(503, "refused: the audit log cannot be written\n", answer);
        add(worker_.needs().count.refused[std::size_t(refusal_reason::audit_failed)]);
        return {};
    }
    add(worker_.needs().count.credentials_served);
    audited_ = now;
    return {};
}

asio::awaitable<void> container_conversation::wait() {
    switch (missing_) {
        case missing::facts:
            return caller_.look_up();
        case missing::description:
            return describe();
        case missing::own_statistics:
            return measure(false);
        case missing::task_statistics:
            return measure(true);
        case missing::record:
            return hand_out_.wait(worker_.needs().ledger.journal());
        case missing::credentials:
        case missing::nothing:
            break;
    }
    return worker_.wait_for_news(give_up_.value_or(base::boot_time{}));
}

base::milliseconds container_conversation::time_for_engine() {
    const base::boot_time now = worker_.needs().clock.boot_now();
    if (!engine_end_) engine_end_ = now + engine_time;
    return std::max(*engine_end_ - now, base::milliseconds(0));
}

bool container_conversation::decision_is_outdated() const {
    return caller_.generation() != worker_.current()->generation;
}

void container_conversation::describe_by_profile() {
    described_ = std::make_shared<const container::description>(
        container::describe(profile(), own_identifiers().endpoint_id));
}

asio::awaitable<void> container_conversation::describe() {
    // Between `respond` and here a slow client may have held up the session; what was decided may
    // be of a configuration that is gone. The next `respond` decides.
    if (decision_is_outdated()) co_return;
    if (!engine_) {
        describe_by_profile();
        co_return;
    }
    asio::io_context& context = worker_.needs().context;
    auto pending = std::make_shared<pending_answer<workload::found_containers>>(context);
    pending->timer.expires_after(time_for_engine());
    workload::container_query query;
    query.cgroup = caller_.facts().cgroup;
    if (caller_.facts().from == binding::caller::origin::network)
        query.address = caller_.facts().address;
    query.asker = caller_.subject();
    engine_->find(std::move(query), deliver(pending, context));
    co_await pending->timer.async_wait(no_throw);
    using outcome = workload::found_containers::outcome;
    const workload::found_containers* found = pending->answer.get();
    if (decision_is_outdated()) co_return;
    if (!found || found->what == outcome::failed) {
        described_ = nullptr;
    } else if (found->what == outcome::none) {
        describe_by_profile();
    } else {
        described_ = std::make_shared<const container::description>(
            container::describe(profile(), found->containers, found->own));
    }
}

asio::awaitable<void> container_conversation::measure(bool whole_task) {
    measured_ = nullptr;
    if (!engine_ || !described_ || !*described_) co_return;
    std::vector<std::string> ids;
    const container::description& about = **described_;
    for (std::size_t i = 0; i < about.task.containers.size(); ++i)
        if (whole_task || i == about.own) ids.push_back(about.task.containers[i].docker_id);
    asio::io_context& context = worker_.needs().context;
    auto pending = std::make_shared<pending_answer<container::statistics>>(context);
    pending->timer.expires_after(time_for_engine());
    engine_->measure(std::string(caller_.subject()), std::move(ids), deliver(pending, context));
    co_await pending->timer.async_wait(no_throw);
    measured_ = std::move(pending->answer);
}

void container_conversation::refuse(const http::request&, http::response& answer) {
    http::go::answer_unparsed(answer);
}

}  // namespace handler
