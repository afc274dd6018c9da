#include <algorithm>

#include "sts/actions/actions.hpp"
#include "sts/actions/caller_rules.hpp"
#include "sts/audit.hpp"
#include "sts/session/start_session.hpp"

namespace sts {

namespace {

action_result attempt(const call& made, const parameters& given, audit_record::record& record) {
    const auto duration = given.integer("DurationSeconds");
    if (!duration) return duration.error();
    const auto serial_number = given.text("SerialNumber");
    const auto token_code = given.text("TokenCode");
    put(record.request_parameters, "durationSeconds", *duration);
    put(record.request_parameters, "serialNumber", serial_number);

    constraints c;
    c.range(*duration, "durationSeconds", shortest_token, longest_token);
    check_mfa_model(c, serial_number, token_code);
    if (auto done = c.check(); !done) return done.error();
    if (auto done = refuse_sessions(made, "GetSessionToken"); !done) return done.error();
    if (auto done = check_mfa(serial_number, token_code); !done) return done.error();

    // No policy is asked: the session can do nothing that its owner cannot.
    const bool root = made.by.user == nullptr;
    session facts;
    facts.kind = root ? session::type::root : session::type::user;
    facts.account = made.by.principal.account;
    facts.principal_id = made.by.user_id;
    if (!root) facts.user_name = made.by.user->name;
    const aws::credentials issued =
        start_session(made, std::move(facts), token_duration(*duration, root), record);
    record.response_elements["credentials"] = shown_credentials(issued);
    return std::vector<result_node>{shown(issued)};
}

}  // namespace

base::seconds token_duration(std::optional<std::int64_t> asked, bool root) {
    const std::int64_t chosen = asked.value_or(default_token);
    return base::seconds(root ? std::min(chosen, longest_root_token) : chosen);
}

action_result get_session_token(const call& made, const parameters& given) {
    audit_record::record record = begin_record(made, "GetSessionToken");
    record.read_only = false;
    action_result outcome = attempt(made, given, record);
    return conclude(made, std::move(record), std::move(outcome));
}

}  // namespace sts
