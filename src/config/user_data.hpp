#pragma once

#include <optional>
#include <string>

#include "config/reader.hpp"
#include "profile/role_profile.hpp"

namespace config {

/// User data as bytes: text, {base64: TEXT}, {file: PATH}, or {directory: PATH} with one file for
/// each instance, named like the instance's id if that is written, else like the profile. At most
/// 16384 bytes (EC2: RunInstances, UserData); nothing counts as none.
std::optional<std::string> read_user_data(const node& value, const profile::role_profile& of,
                                          context with);

}  // namespace config
