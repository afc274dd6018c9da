#pragma once

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "daemon/sockets.hpp"
#include "handler/serving.hpp"

namespace daemon_ {

/// Which binding a workload matches when it calls that listener; nothing: none.
using rule_of_listener = std::function<std::optional<std::size_t>(const std::string& listener)>;

/// The environment variables by which SDKs find this daemon's listeners, in the order in which they
/// are shown. What a workload cannot reach (loopback, from another network namespace) or what SDKs
/// refuse (plain HTTP to other than loopback and 169.254.170.2) is left out. One of them may be
/// AWS_CONTAINER_AUTHORIZATION_TOKEN, which is a secret.
std::vector<std::pair<std::string, std::string>> environment_of(
    const handler::serving& serving, const std::vector<open_listener>& listeners,
    const rule_of_listener& rule_of);

}  // namespace daemon_
