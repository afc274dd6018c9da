#pragma once

#include <string_view>

#include "profile/host_facts.hpp"
#include "profile/instance_identity.hpp"

namespace profile {

/// The network part of `resolve`: fills the interfaces of an instance whose region, ids and account
/// are known already, and its host name.
void resolve_interfaces(instance_identity& instance, const host_facts& host, std::string_view seed);

}  // namespace profile
