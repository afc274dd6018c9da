#pragma once

#include "config/reader.hpp"
#include "profile/role_profile.hpp"
#include "sts/definitions.hpp"

namespace config {

/// Warns when the issuer will refuse the profile its role for certain: the role's trust policy does
/// not let the daemon's service principal assume it, or not with what the profile sends along
/// (sts:TagSession for `tags`, sts:SetSourceIdentity for `source_identity`). What depends on facts
/// of the later request (the time, the session's name) is left to the issuer. `region`: the
/// issuer's. `fields`: the profile's.
void check_role_trust(const mapping& fields, const profile::role_profile& one,
                      const sts::role_definition& role, const std::string& region, context with);

}  // namespace config
