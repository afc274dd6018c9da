#pragma once

#include "config/reader.hpp"

namespace config {

// One function for each part of the file; each fills its part of the configuration and reports
// what is wrong. References to other parts are checked against those already read.

void read_listeners(const mapping& top, configuration& into, context with);
/// workers, limits, compat
void read_tuning(const mapping& top, configuration& into, context with);
void read_sources(const mapping& top, configuration& into, context with);
void read_issuer(const mapping& top, configuration& into, context with);
/// Parts of `issuer`, in this order.
void read_accounts(const mapping& issuer, configuration& into, context with);
void read_store(const mapping& issuer, configuration& into, context with);
void read_key_ring(const mapping& issuer, configuration& into, context with);

/// Where the profiles are written, by their index: for warnings about the unused ones.
using profile_places = std::vector<position>;
profile_places read_profiles(const mapping& top, configuration& into, context with);
void read_instance(const node& value, profile::role_profile& into, context with);
void read_container(const node& value, profile::role_profile& into, context with);
/// What goes wrong on purpose. Warns of it, loudly enough for nobody to forget it there.
std::vector<profile::fault> read_faults(const node& value, context with);
profile::throttle read_throttle(const node& value, context with);
/// What EC2 Instance Connect's client checks pushed keys with.
profile::instance_connect read_instance_connect(const node& value, context with);
void read_bindings(const mapping& top, const profile_places& places, configuration& into,
                   context with);
/// pod_identity; profiles come before, bindings after.
void read_pod_identity(const mapping& top, configuration& into, context with);
/// What listeners, bindings and pod_identity are for each other; after all three.
void check_pod_listeners(const mapping& top, const configuration& read, context with);

/// state_directory, admin, audit, container_engine: places of files, after all else.
void read_places(const mapping& top, configuration& into, context with);

}  // namespace config
