#include "handler/pod_identity_conversation.hpp"

#include "audit_record/record.hpp"
#include "http/go_server.hpp"
#include "pod_identity/host_check.hpp"
#include "pod_identity/route.hpp"

namespace handler {

using pod_identity::failure;

boost::asio::awaitable<void> pod_identity_conversation::wait() {
    if (caller_.facts_missing()) return caller_.look_up();
    if (recorded_.wants_wait()) return recorded_.wait(worker_.needs().ledger.journal());
    return worker_.wait_for_news(give_up_.value_or(base::boot_time{}));
}

bool pod_identity_conversation::may_wait() {
    const base::boot_time now = worker_.needs().clock.boot_now();
    if (!give_up_) give_up_ = now + worker_.needs().first_wait;
    return now < *give_up_;
}

void pod_identity_conversation::settle() {
    again_ = false;
    counted_ = false;
    give_up_.reset();
    reads_seen_.reset();
}

net::action pod_identity_conversation::respond(const http::request& request,
                                               http::response& answer) {
    if (!std::exchange(again_, true)) add(worker_.needs().count.requests);
    if (!caller_.follow_configuration()) return {net::action::kind::wait};
    const pod_identity::route route = pod_identity::find_route(request);
    net::action done;
    using kind = pod_identity::route::kind;
    switch (route.what) {
        case kind::credentials:
            done = credentials(request, answer);
            break;
        case kind::moved:
            pod_identity::answer_moved(route.location, request.method, answer);
            break;
        case kind::not_found:
            http::go::answer_not_found(answer);
            break;
        case kind::bad_request:
            answer.status = 400;
            http::go::answer_unparsed(answer);
            break;
    }
    if (done.what != net::action::kind::wait) settle();
    return done;
}

/// The agent's order: limiter, Host, token. Who calls is looked at before the token is: what a
/// stranger brings is not even read.
net::action pod_identity_conversation::credentials(const http::request& request,
                                                   http::response& answer) {
    const worker_dependencies& needs = worker_.needs();
    if (!counted_ && !limiter_.take(caller_.subject(), needs.clock.boot_now())) {
        caller_.note(request, refusal_reason::rate_limited,
                     "more requests than one caller may make");
        pod_identity::answer_error(429, "Too Many Requests", answer);
        return {};
    }
    counted_ = true;
    const listener_policy* policy = caller_.policy();
    const auto wrong_host = pod_identity::refuse_host(
        request, policy ? policy->more_hosts : std::vector<std::string>());
    if (!policy || wrong_host) {
        caller_.note(request, refusal_reason::host_header,
                     "the Host header names a host that this listener does not serve");
        pod_identity::answer_error(
            403, wrong_host.value_or("Access Denied. The listener is not served any more"), answer);
        return {};
    }
    if (const auto refusal = caller_.refuse_unadmitted(request)) {
        const auto line = std::string_view(refusal->line).substr(0, refusal->line.size() - 1);
        caller_.note(request, refusal->why, line);
        pod_identity::answer_error(403, "Access Denied. " + std::string(line), answer);
        return {};
    }
    const http::field* field = request.find("Authorization");
    const auto who =
        identify(field ? field->value : std::string_view(), request.count("Authorization"));
    if (std::holds_alternative<pending>(who)) return {net::action::kind::wait};
    if (const auto* what = std::get_if<failure>(&who))
        return fail(request, refusal_reason::bad_token, *what, nullptr, answer);
    return hand_out(request, std::get<pod>(who), answer);
}

std::variant<pod_identity_conversation::pod, pod_identity_conversation::pending, failure>
pod_identity_conversation::identify(std::string_view text, std::size_t fields) {
    const serving& now = *worker_.current();
    const base::wall_time wall = worker_.needs().clock.now();
    if (fields == 1 && now.pods) {
        const verified_tokens::entry* known = verified_.find(text, wall);
        if (known && known->generation == now.generation &&
            known->keys == now.pods->keys[known->cluster]->keys()) {
            return pod{known->cluster, known->account};
        }
    }
    const auto read = pod_identity::read_token(text, fields, wall);
    if (const auto* what = std::get_if<failure>(&read)) return *what;
    const auto& token = std::get<pod_identity::presented_token>(read);
    const auto cluster = now.pods && token.claimed.issuer
                             ? now.pods->table.cluster_of(*token.claimed.issuer)
                             : std::nullopt;
    if (!cluster) return pod_identity::invalid_token("the token's issuer is not known here");
    return verify(text, token, *cluster);
}

std::variant<pod_identity_conversation::pod, pod_identity_conversation::pending, failure>
pod_identity_conversation::verify(std::string_view text, const pod_identity::presented_token& token,
                                  std::size_t cluster) {
    const pod_serving& pods = *worker_.current()->pods;
    net::key_keeper& keeper = *pods.keys[cluster];
    const net::key_keeper::state keys = keeper.current();
    if (!keys.keys) {
        if (keys.reads == 0 && may_wait()) return pending{};
        return pod_identity::service_unavailable("the keys of the token's issuer are not at hand");
    }
    auto verdict = pod_identity::verify_token(token, pods.table.clusters()[cluster], *keys.keys);
    if (auto* what = std::get_if<failure>(&verdict.outcome)) {
        if (verdict.unknown_key && newer_keys_may_come(keeper, keys.reads)) return pending{};
        return std::move(*what);
    }
    auto& account = std::get<pod_identity::service_account>(verdict.outcome);
    verified_.put(
        text, {worker_.current()->generation, cluster, keys.keys, *token.claimed.expires, account});
    return pod{cluster, std::move(account)};
}

bool pod_identity_conversation::newer_keys_may_come(net::key_keeper& keeper, std::uint64_t reads) {
    if (reads_seen_ && *reads_seen_ != reads) return false;  // these are the newer ones
    if (!reads_seen_) {
        reads_seen_ = reads;
        if (!keeper.ask() && keeper.current().reads == reads) return false;
    }
    return may_wait();
}

audit_record::pod_identity pod_identity_conversation::identity_of(const pod& who) const {
    return {worker_.current()->pods->table.clusters()[who.cluster].name,
            who.account.kubernetes_namespace, who.account.name, who.account.pod,
            who.account.pod_uid};
}

/// One workload in the audit is one pod, as far as its token tells.
std::string pod_identity_conversation::subject_of(const audit_record::pod_identity& claimed) const {
    std::string subject(caller_.subject());
    for (const std::string* part : {&claimed.cluster, &claimed.kubernetes_namespace,
                                    &claimed.service_account, &claimed.pod_uid}) {
        subject += '\0';
        subject += *part;
    }
    return subject;
}

net::action pod_identity_conversation::hand_out(const http::request& request, const pod& who,
                                                http::response& answer) {
    const serving& now = *worker_.current();
    const auto profile =
        now.pods->table.profile_of(who.cluster, who.account.kubernetes_namespace, who.account.name);
    if (!profile) {
        return fail(
            request, refusal_reason::no_association,
            pod_identity::no_association("no association for service account " +
                                         who.account.kubernetes_namespace + "/" + who.account.name),
            &who, answer);
    }
    const worker_dependencies& needs = worker_.needs();
    const auto& state = worker_.state_of(*profile).role;
    using status = imds::credential_state::status;
    const status what = state ? state->now : status::pending;
    if (what == status::pending && may_wait()) return {net::action::kind::wait};
    if (what == status::denied) {
        return fail(request, refusal_reason::role_denied,
                    pod_identity::access_denied("the role is refused by its issuer"), &who, answer);
    }
    if (what != status::valid || state->expires - pod_identity::least_life <= needs.clock.now()) {
        say(pod_identity::service_unavailable("there are no credentials at the moment"), answer);
        return {};
    }
    const profile::role_profile& served = now.profiles[*profile]->profile();
    const audit_record::pod_identity claimed = identity_of(who);
    const std::string subject = subject_of(claimed);
    hand_out_ledger::event event = caller_.event_of(request);
    event.subject = subject;
    event.profile = served.name;
    if (served.granted_role) event.role_arn = served.granted_role->arn;
    event.region = served.instance.region;
    event.account = served.instance.account;
    event.pod = &claimed;
    using verdict = recorded_hand_out::verdict;
    const verdict may =
        needs.ledger.open()
            ? recorded_.ask(needs.ledger.journal(),
                            needs.ledger.allow(event, state->access_key_id, state->expires, {}))
            : verdict::refused;
    if (may == verdict::wait) return {net::action::kind::wait};
    if (may == verdict::refused) {
        add(needs.count.refused[std::size_t(refusal_reason::audit_failed)]);
        say(pod_identity::service_unavailable("the audit log cannot be written"), answer);
        return {};
    }
    add(needs.count.credentials_served);
    const std::string_view account =
        served.granted_role ? served.granted_role->account : served.instance.account;
    pod_identity::answer_credentials(
        pod_identity::credential_document(*state->credentials, account), answer);
    return {};
}

net::action pod_identity_conversation::fail(const http::request& request, refusal_reason why,
                                            const failure& what, const pod* who,
                                            http::response& answer) {
    const worker_dependencies& needs = worker_.needs();
    add(needs.count.refused[std::size_t(why)]);
    hand_out_ledger::event event = caller_.event_of(request);
    // The binding's profile is not the one that was asked for.
    event.profile = event.role_arn = {};
    audit_record::pod_identity claimed;
    std::string subject;
    if (who) {
        claimed = identity_of(*who);
        subject = subject_of(claimed);
        event.subject = subject;
        event.pod = &claimed;
    }
    needs.ledger.refused(event, why, what.message);
    say(what, answer);
    return {};
}

void pod_identity_conversation::say(const failure& what, http::response& answer) {
    if (what.status == 503) answer.more_headers = "Retry-After: 1\r\n";
    pod_identity::answer_error(
        what.status, what.text(audit_record::new_event_id(worker_.needs().random)), answer);
}

void pod_identity_conversation::refuse(const http::request&, http::response& answer) {
    http::go::answer_unparsed(answer);
}

}  // namespace handler
