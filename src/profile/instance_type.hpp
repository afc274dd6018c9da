#pragma once

#include <string_view>

namespace profile {

/// What `meta-data/system` says of an instance type: "xen" for the families that the EC2 User Guide
/// lists as Xen-based (m4, t2, …; their metal sizes are not), "nitro" for all others.
std::string_view system_of_type(std::string_view instance_type);

}  // namespace profile
