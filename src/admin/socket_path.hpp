#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace admin {

using variable_lookup = std::function<std::optional<std::string>(std::string_view name)>;

/// Where a daemon puts its socket when the configuration does not say: systemd's runtime directory
/// of the unit, the user's, the system's for root, and else the state directory.
std::string default_socket(const variable_lookup& variable, std::uint32_t uid,
                           std::string_view state_directory);

/// Where a client without further knowledge looks, in order: a daemon of the same user first, then
/// the system's.
std::vector<std::string> socket_candidates(const variable_lookup& variable, std::uint32_t uid);

}  // namespace admin
