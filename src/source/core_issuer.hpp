#pragma once

#include <memory>

#include "source/credential_source.hpp"
#include "sts/issuer.hpp"

namespace source {

/// The service principal that a role must trust to be handed out by this host, as roles for EC2
/// instances do.
inline constexpr const char* instance_service_principal = "ec2.amazonaws.com";

/// The embedded issuer: the role is assumed by the service principal, through the same decisions
/// as a request from the network.
std::shared_ptr<credential_source> make_core_issuer_source(std::shared_ptr<sts::issuer> issuer);

/// What a failure of the issuer means for a source. An input it refuses (ValidationError,
/// MalformedPolicyDocument, …) counts as denied: as with a policy that says no, asking again is of
/// no use before something is changed.
base::error as_source_error(base::error from_issuer);

}  // namespace source
