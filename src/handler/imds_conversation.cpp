#include "handler/imds_conversation.hpp"

#include "aws/arn.hpp"
#include "sts/instance_role.hpp"

namespace handler {

namespace {

const imds::credential_state& nothing_yet() {
    static const imds::credential_state pending;
    return pending;
}

}  // namespace

boost::asio::awaitable<void> imds_conversation::wait() {
    if (caller_.facts_missing()) return caller_.look_up();
    if (hand_out_.wants_wait()) return hand_out_.wait(worker_.needs().ledger.journal());
    return worker_.wait_for_news(give_up_.value_or(base::boot_time{}));
}

net::action imds_conversation::respond(const http::request& request, http::response& answer) {
    resumed_ = hand_out_.take_resumed();
    if (!give_up_ && !resumed_) add(worker_.needs().count.requests);
    if (!caller_.follow_configuration()) return {net::action::kind::wait};
    const listener_policy* policy = caller_.policy();
    const net::action done = answer_under(policy, request, answer);
    if (policy && policy->options.close_connections) answer.close = true;
    return done;
}

net::action imds_conversation::answer_under(const listener_policy* policy,
                                            const http::request& request, http::response& answer) {
    if (auto refusal = caller_.refuse(request, policy)) {
        caller_.note(request, refusal->why,
                     std::string_view(refusal->line).substr(0, refusal->line.size() - 1));
        imds::answer_line(403, std::move(refusal->line), answer);
        give_up_.reset();
        fault_.reset();
        return {};
    }
    if (worker_.current()->faults.empty() && !fault_)
        return respond_as(*caller_.profile(), request, *policy, answer);
    return respond_with_faults(*caller_.profile(), request, *policy, answer);
}

/// Around the protocol, which knows nothing of it but what to pretend.
net::action imds_conversation::respond_with_faults(std::size_t profile,
                                                   const http::request& request,
                                                   const listener_policy& policy,
                                                   http::response& answer) {
    const auto& injectors = worker_.current()->faults;
    if (!fault_ && injectors[profile]) {
        const worker_dependencies& needs = worker_.needs();
        const auto target = http::split_target(request.target);
        http::split_path(target ? target->path : std::string_view(), scratch_);
        fault_.emplace(
            chosen_fault{injectors[profile],
                         injectors[profile]->decide(request.method, http::path_text(scratch_),
                                                    needs.clock.boot_now(), needs.random)});
    }
    if (!fault_) return respond_as(profile, request, policy, answer);
    const imds::fault_decision decision = fault_->decision;
    net::action done;
    if (decision.fault && decision.fault->kind == profile::fault_kind::reset) {
        done.what = net::action::kind::reset;
    } else if (decision.fault && decision.fault->kind == profile::fault_kind::drop) {
        done.what = net::action::kind::drop;
    } else if (decision.replaces_answer()) {
        imds::answer_instead(decision, answer);
    } else {
        done = respond_as(profile, request, policy, answer);
        if (done.what == net::action::kind::wait) return done;
        imds::spoil(decision, answer);
        if (const auto most = imds::sent_bytes(decision, answer.body.size()))
            done.most_body = *most;
    }
    give_up_.reset();
    done.delay = decision.delay;
    fault_.reset();
    return done;
}

net::action imds_conversation::respond_as(std::size_t profile, const http::request& request,
                                          const listener_policy& policy, http::response& answer) {
    const imds::metadata& served = *worker_.current()->profiles[profile];
    const profile_state& state = worker_.state_of(profile);
    const imds::credential_state& role = state.role ? *state.role : nothing_yet();
    const imds::credential_state& own = state.instance ? *state.instance : nothing_yet();
    const worker_dependencies& needs = worker_.needs();
    const base::boot_time boot = needs.clock.boot_now();
    const imds::request_context context{
        served,
        tokens_,
        role,
        own,
        state.identity.get(),
        policy.options,
        needs.clock.now(),
        boot,
        caller_.subject(),
        needs.random,
        remembered_,
        scratch_,
        over_ipv6_,
        fault_ ? imds::pretended_expiry(fault_->decision) : std::nullopt};
    const imds::outcome done =
        imds::respond(request, context, !give_up_ || boot < *give_up_, answer);
    using kind = imds::outcome::kind;
    if (done.what == kind::pending) {
        if (!give_up_) give_up_ = boot + needs.first_wait;
        return {net::action::kind::wait};
    }
    give_up_.reset();
    if (done.v1 && !resumed_) add(needs.count.v1_requests);
    switch (done.what) {
        case kind::answered:
        case kind::pending:
            break;
        case kind::token_issued:
            add(needs.count.tokens_issued);
            return {net::action::kind::send, served.profile().metadata.hop_limit};
        case kind::credentials_served:
            return credentials_action(request, done, role, audited_role_, answer);
        case kind::instance_credentials_served:
            return credentials_action(request, done, own, audited_instance_, answer);
        case kind::role_denied:
            caller_.note(request, refusal_reason::role_denied, "the issuer refuses the role");
            break;
        case kind::v1_refused:
            caller_.note(request, refusal_reason::v1_disabled, "IMDSv1 is off for this profile");
            break;
        case kind::bad_token:
            caller_.note(request, refusal_reason::bad_token,
                         "the session token is expired, forged or another caller's");
            break;
        case kind::forwarded_refused:
            caller_.note(request, refusal_reason::forwarded_for,
                         "the request bears X-Forwarded-For");
            break;
    }
    return {};
}

net::action imds_conversation::credentials_action(const http::request& request,
                                                  const imds::outcome& done,
                                                  const imds::credential_state& credentials,
                                                  audited& last, http::response& answer) {
    const audited now{caller_.generation(), *caller_.profile(), credentials.serial};
    hand_out_ledger& ledger = worker_.needs().ledger;
    using verdict = recorded_hand_out::verdict;
    verdict may = ledger.open() ? verdict::go : verdict::refused;
    if (may == verdict::go && now != last) {
        hand_out_ledger::event event = caller_.event_of(request);
        std::string own_arn;
        if (done.what == imds::outcome::kind::instance_credentials_served) {
            own_arn = instance_session_arn(*caller_.profile());
            event.role_arn = own_arn;
        }
        may =
            hand_out_.ask(ledger.journal(), ledger.allow(event, credentials.access_key_id,
                                                         credentials.expires, done.v1 ? "1" : "2"));
    }
    if (may == verdict::wait) return {net::action::kind::wait};
    if (may == verdict::refused) {
        answer.clear();
        imds::answer_unavailable(base::seconds(1), answer);
        add(worker_.needs().count.refused[std::size_t(refusal_reason::audit_failed)]);
        return {};
    }
    add(worker_.needs().count.credentials_served);
    last = now;
    return {};
}

std::string imds_conversation::instance_session_arn(std::size_t profile) const {
    const profile::instance_identity& who =
        worker_.current()->profiles[profile]->profile().instance;
    return aws::assumed_role_arn(who.partition, who.account, sts::instance_role_name,
                                 who.instance_id);
}

void imds_conversation::refuse(const http::request&, http::response& answer) {
    answer.headers = "Content-Type: text/plain\r\n";
    answer.server = imds::server_name;
    if (answer.status == 400) imds::answer_page(400, answer);
    if (answer.status == 417) imds::answer_empty(417, answer);
}

}  // namespace handler
