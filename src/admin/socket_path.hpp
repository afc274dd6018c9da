#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace admin {

using variable_lookup = std::function<std::optional<std::string>(std::string_view name)>;

/// Where a client without further knowledge looks, in order: the default places of a daemon of the
/// same user first, then the system's.
std::vector<std::string> socket_candidates(const variable_lookup& variable, std::uint32_t uid);

}  // namespace admin
