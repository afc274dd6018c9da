#pragma once

#include <string_view>

#include "base/error.hpp"
#include "sts/call.hpp"

namespace sts {

/// Temporary credentials of whatever kind cannot make others of this kind (GetSessionToken,
/// GetFederationToken). AccessDenied, with AWS's text.
base::result<void> refuse_sessions(const call& made, std::string_view action);

/// Actions that users and roles may have a permission for, but not the sessions that stand for a
/// user or for someone whom a user vouches for (STS, "Comparing the features"). An AssumeRoot
/// session is judged by its task policy.
base::result<void> refuse_user_sessions(const call& made, std::string_view action);

}  // namespace sts
