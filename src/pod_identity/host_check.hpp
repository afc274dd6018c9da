#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "http/request.hpp"

namespace pod_identity {

/// The addresses at which the agent is called, and no others, unless the listener names more.
inline constexpr std::string_view agent_address_v4 = "169.254.170.23";
inline constexpr std::string_view agent_address_v6 = "fd00:ec2::23";

/// A Host value without port and brackets, as the agent compares it.
std::string_view bare_host(std::string_view host);

/// The agent's complaint about the Host (and, in the absolute form, about the target's authority);
/// nothing when it is one of the agent's addresses or among `more`. The names are compared as they
/// are.
std::optional<std::string> refuse_host(const http::request& request,
                                       const std::vector<std::string>& more);

}  // namespace pod_identity
