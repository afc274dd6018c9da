#pragma once

#include <string_view>

#include "audit_record/record.hpp"
#include "base/error.hpp"
#include "sts/actions/actions.hpp"
#include "sts/call.hpp"

namespace sts {

/// A record of this call with everything that does not depend on its outcome.
audit_record::record begin_record(const call& made, std::string_view event_name);

/// CloudTrail's tlsDetails; empty without TLS.
boost::json::object shown_tls(const request_origin& origin, std::string_view host);

/// CloudTrail's requestParameters of AssumeRole. Never the token code.
boost::json::object shown_parameters(const assume_role_input& input);
boost::json::object shown_result(const assume_role_output& output);

/// eventSource of the actions that are not AWS's.
inline constexpr std::string_view own_event_source = "sts.imdsd";

/// Members of requestParameters; absent values are left out, long ones cut.
void put(boost::json::object& out, std::string_view name, const std::optional<std::string>& value);
void put(boost::json::object& out, std::string_view name, std::optional<std::int64_t> value);
void put_texts(boost::json::object& out, std::string_view name, const passed_texts& values);
void put_tags(boost::json::object& out, const std::vector<passed_tag>& tags);
void put_policy_arns(boost::json::object& out, const passed_texts& arns);
/// Never the secret key nor the token.
boost::json::object shown_credentials(const aws::credentials& issued);

/// Puts the failure into the record, with the spelling that CloudTrail uses.
void set_failure(audit_record::record& r, const base::error& failure);

base::error not_recorded();
/// Hands the record over. Failure: ServiceUnavailable; nothing may then be handed out.
base::result<void> promise(const call& made, audit_record::record r);
/// The same for an event that concerns an account besides the caller's: two records with one
/// sharedEventID. The other account learns who it was only by id and account.
base::result<void> promise_to_both(const call& made, audit_record::record r,
                                   const std::string& other_account);
/// Writes the outcome down: what comes back is what the caller gets.
action_result conclude(const call& made, audit_record::record r, action_result outcome);

}  // namespace sts
