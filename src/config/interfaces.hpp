#pragma once

#include "config/instance_fields.hpp"
#include "profile/instance_identity.hpp"

namespace config {

/// The network of an instance: the keys of `instance` that describe its first interface, and the
/// list `interfaces`. The instance's own values are read before.
void read_interfaces(const instance_fields& instance, profile::instance_identity& into,
                     context with);

}  // namespace config
