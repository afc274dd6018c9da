#pragma once

#include <optional>

#include "config/reader.hpp"
#include "profile/role_profile.hpp"
#include "sts/definitions.hpp"

namespace config {

/// A profile's `instance_profile`: a name, or the ARN of an IAM instance profile.
struct instance_profile_reference {
    profile::attached_instance_profile named;
    /// When this file defines the instance profile: its role there, else null.
    const sts::role_definition* role = nullptr;
};

/// What this file does not define must be in the store, where it may also appear later; without a
/// store that is an error.
std::optional<instance_profile_reference> read_instance_profile_reference(
    const node& value, const configuration& so_far, context with);

}  // namespace config
