#include "handler/hand_out_ledger.hpp"

namespace handler {

namespace {

/// Beyond this many (workload, key) pairs the memory is given up: a later repeat is recorded twice,
/// which is harmless; growing without bound is not.
constexpr std::size_t most_remembered = 65536;

audit_record::workload_identity identity(const binding::caller& who) {
    audit_record::workload_identity known;
    known.uid = who.uid;
    known.cgroup = who.cgroup;
    known.unit = who.unit;
    known.user_unit = who.user_unit;
    if (!who.interface.empty()) known.interface = who.interface;
    if (who.address) known.address = who.address->text();
    return known;
}

}  // namespace

const char* to_string(refusal_reason reason) {
    switch (reason) {
        case refusal_reason::unknown_caller:
            return "unknown_caller";
        case refusal_reason::no_binding:
            return "no_binding";
        case refusal_reason::host_header:
            return "host_header";
        case refusal_reason::browser:
            return "browser";
        case refusal_reason::forwarded_for:
            return "forwarded_for";
        case refusal_reason::bad_token:
            return "bad_token";
        case refusal_reason::unknown_id:
            return "unknown_id";
        case refusal_reason::no_association:
            return "no_association";
        case refusal_reason::rate_limited:
            return "rate_limited";
        case refusal_reason::v1_disabled:
            return "v1_disabled";
        case refusal_reason::role_denied:
            return "role_denied";
        case refusal_reason::audit_failed:
            return "audit_failed";
        case refusal_reason::count_:
            break;
    }
    return "unknown";
}

hand_out_ledger::hand_out_ledger(audit::journal& journal, const base::clock& clock,
                                 base::random& random)
    : journal_(journal), clock_(clock), random_(random) {}

audit_record::event_facts hand_out_ledger::facts(const event& what) {
    audit_record::event_facts common;
    common.time = clock_.now();
    common.event_id = audit_record::new_event_id(random_);
    common.request_id = audit_record::new_event_id(random_);
    common.region = what.region;
    common.account = what.account;
    return common;
}

audit::ticket hand_out_ledger::allow(const event& what, std::string_view access_key_id,
                                     base::wall_time expiration, std::string_view imds_version) {
    std::string key(what.subject);
    key += '\0';
    key += access_key_id;
    const std::lock_guard lock(guard_);
    if (const auto known = handed_out_.find(key); known != handed_out_.end()) return known->second;
    audit_record::hand_out_facts facts_of_event;
    facts_of_event.caller = identity(what.caller);
    facts_of_event.profile = what.profile;
    facts_of_event.role_arn = what.role_arn;
    facts_of_event.imds_version = imds_version;
    facts_of_event.listener = what.caller.listener;
    facts_of_event.path = what.path;
    facts_of_event.user_agent = what.user_agent;
    facts_of_event.access_key_id = access_key_id;
    facts_of_event.expiration = expiration;
    if (what.pod) facts_of_event.pod = *what.pod;
    const audit::ticket kept =
        journal_.record(audit_record::hand_out(facts(what), std::move(facts_of_event)));
    if (kept == 0) return 0;
    if (handed_out_.size() >= most_remembered) handed_out_.clear();
    handed_out_.emplace(std::move(key), kept);
    return kept;
}

void hand_out_ledger::refused(const event& what, refusal_reason why, std::string_view reason) {
    const std::lock_guard lock(guard_);
    const auto verdict = limiter_.observe(what.subject, to_string(why), clock_.boot_now());
    if (!verdict.write) return;
    audit_record::refusal_facts facts_of_event;
    facts_of_event.caller = identity(what.caller);
    facts_of_event.code = to_string(why);
    facts_of_event.reason = reason;
    if (!what.profile.empty()) facts_of_event.profile = std::string(what.profile);
    facts_of_event.listener = what.caller.listener;
    facts_of_event.path = what.path;
    facts_of_event.user_agent = what.user_agent;
    facts_of_event.suppressed = verdict.suppressed;
    if (what.pod) facts_of_event.pod = *what.pod;
    // A refusal that cannot be recorded is still a refusal.
    static_cast<void>(
        journal_.record(audit_record::refusal(facts(what), std::move(facts_of_event))));
}

void hand_out_ledger::settle_refusals() {
    const std::lock_guard lock(guard_);
    for (const auto& rest : limiter_.collect(clock_.boot_now())) {
        const binding::caller nobody;
        audit_record::refusal_facts summary;
        summary.code = rest.reason;
        summary.reason = "refusals that were not recorded one by one";
        summary.suppressed = rest.suppressed;
        static_cast<void>(journal_.record(audit_record::refusal(
            facts({nobody, rest.peer, {}, {}, {}, {}, {}, {}}), std::move(summary))));
    }
}

}  // namespace handler
