#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "binding/rules.hpp"
#include "container/credential_state.hpp"
#include "container/identifiers.hpp"
#include "imds/faults.hpp"
#include "imds/responder.hpp"
#include "net/key_keeper.hpp"
#include "pod_identity/associations.hpp"

namespace handler {

/// What a listener adds to the protocol.
struct listener_policy {
    /// Host values accepted, lower case, without port; see host_allowed.
    std::set<std::string, std::less<>> hosts;
    imds::responder_options options;
    /// `allowed_hosts` as configured, without port and brackets.
    std::vector<std::string> more_hosts;
};

/// EKS pod identity: which tokens stand for which profile.
struct pod_serving {
    pod_identity::association_table table;
    /// By cluster index. Shared with other generations that have the same cluster.
    std::vector<std::shared_ptr<net::key_keeper>> keys;
};

/// One generation of the configuration, as the workers need it. Immutable; a worker's pointer is
/// replaced as a whole.
struct serving {
    std::uint64_t generation = 0;
    binding::rule_set rules;
    std::vector<std::shared_ptr<const imds::metadata>> profiles;
    std::map<std::string, listener_policy, std::less<>> listeners;
    /// By rule index; null when no listener serves the container protocols.
    std::shared_ptr<const std::vector<container::binding_identifiers>> identifiers;
    /// By profile, null where nothing goes wrong on purpose; empty when nothing does anywhere.
    std::vector<std::shared_ptr<imds::fault_injector>> faults;
    std::shared_ptr<const pod_serving> pods;  ///< null: not configured
};

/// What can be handed out for one profile now. Published as a whole; the parts are immutable.
struct profile_state {
    std::shared_ptr<const imds::credential_state> role;  ///< null: pending, or there is no role
    /// The same for the container protocols; null also when no listener serves them.
    std::shared_ptr<const container::credential_state> container;
    /// The instance's own; null: pending, or the source issues none.
    std::shared_ptr<const imds::credential_state> instance;
    std::shared_ptr<const imds::signed_identity> identity;  ///< null: not signed yet
};
/// By profile index, for one generation.
using profile_states = std::vector<profile_state>;

/// Against DNS rebinding: true when the Host field and, in absolute form, the target's authority
/// name an allowed host. The port is not compared: a rebinding page controls the name, not the
/// address. A request without Host (HTTP/1.0) passes; browsers always send one.
bool host_allowed(const http::request& request, const listener_policy& policy);

/// True when the request bears a browser's marks: Origin, any Sec-Fetch-* field, or a Referer that
/// is not on the host that the request is for.
bool from_browser(const http::request& request);

}  // namespace handler
