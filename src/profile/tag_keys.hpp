#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "profile/instance_identity.hpp"

namespace profile {

/// True when instance metadata can show a tag with this key: letters, digits and +-=.,_:@, and not
/// ".", ".." or "_index" (EC2 User Guide, "Work with instance tags in instance metadata").
bool is_shown_tag_key(std::string_view key);

/// The first tag that stands in the way of `instance_metadata_tags`: EC2 refuses to switch it on.
std::optional<std::string> unshown_tag_key(const instance_identity& instance);

}  // namespace profile
