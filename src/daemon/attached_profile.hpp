#pragma once

#include <optional>
#include <string>

#include "iam/directory.hpp"
#include "profile/role_profile.hpp"

namespace daemon_ {

/// What an estate says of an instance profile at one moment.
struct attachment {
    profile::attached_instance_profile instance_profile;
    std::optional<profile::role> role;
};
attachment attachment_of(profile::attached_instance_profile named, const iam::directory& known);

/// Puts it in. Profiles without an instance profile are left as they are.
void attach_instance_profile(profile::role_profile& profile, const iam::directory& known);

/// Whether `shown` has what the estate says now of the instance profile that is configured.
bool is_attached(const profile::role_profile& configured, const profile::role_profile& shown,
                 const iam::directory& known);

}  // namespace daemon_
