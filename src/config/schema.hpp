#pragma once

#include <span>
#include <string_view>
#include <vector>

namespace config {

/// One kind of mapping and every key that it may have. The reader takes its keys from here and from
/// nowhere else, so this is the schema; the profile reference is checked against it.
struct section {
    std::string_view name;
    std::vector<std::string_view> keys;
};

namespace sections {
extern const section top, listener, limits, compat, source, profile, metadata, instance,
    network_interface, binding, issuer, organization, account, root, user, access_key, secret, role,
    admin, audit, audit_rotation, fault, throttle, instance_connect, container, container_engine,
    pod_identity, cluster, jwks, association, tls, issuer_limits, call_rate, issuer_compat, group,
    instance_profile, store, sqlite, postgresql, keys, wrapping_key;
}  // namespace sections

std::vector<const section*> all_sections();

}  // namespace config
