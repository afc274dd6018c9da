#pragma once

#include "audit_record/record.hpp"
#include "aws/credentials.hpp"
#include "sts/call.hpp"
#include "sts/session/session_token.hpp"

namespace sts {

/// Credentials of a new session from now on for `duration`. `facts` says whose it is; times, secret
/// key and session id are chosen here. The record gets the ids by which the session is found again.
aws::credentials start_session(const call& made, session facts, base::seconds duration,
                               audit_record::record& record);

}  // namespace sts
