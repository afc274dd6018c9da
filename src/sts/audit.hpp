#pragma once

#include <string_view>

#include "audit_record/record.hpp"
#include "base/error.hpp"
#include "sts/actions/actions.hpp"
#include "sts/call.hpp"

namespace sts {

/// A record of this call with everything that does not depend on its outcome.
audit_record::record begin_record(const call& made, std::string_view event_name);

/// CloudTrail's requestParameters of AssumeRole. Never the token code.
boost::json::object shown_parameters(const assume_role_input& input);
boost::json::object shown_result(const assume_role_output& output);

/// Puts the failure into the record, with the spelling that CloudTrail uses.
void set_failure(audit_record::record& r, const base::error& failure);

/// Hands the record over. Failure: ServiceUnavailable; nothing may then be handed out.
base::result<void> promise(const call& made, audit_record::record r);

}  // namespace sts
