#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace imds {

/// Position in the list of API versions, oldest first; "latest" is the last.
using version_index = std::size_t;

std::optional<version_index> find_version(std::string_view name);
std::size_t version_count();
std::string_view version_name(version_index index);
/// The first listed version whose date is not before `date` ("1.0" or YYYY-MM-DD). A leaf dated
/// between two listed versions appears with the later one.
version_index first_version_since(std::string_view date);

}  // namespace imds
