#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "imds/tree.hpp"

namespace imds {

/// One row of the metadata tree. To serve another path, add a row.
struct row {
    /// Below /{version}/. {mac} and {role} are filled from the profile.
    std::string_view path;
    std::string_view since;  ///< the API version that introduced it
    leaf_kind kind;
    /// The body; no value: the path does not exist for this instance. For kinds whose body comes
    /// with the request the text is unused.
    std::optional<std::string> (*body)(const profile::role_profile& profile);
};

std::span<const row> rows();

/// Rows whose names come from the profile (public keys, tags): emits them one by one.
struct named_leaf {
    std::string path;
    std::string_view since;
    std::string body;
    std::string listed_as;  ///< of the path's parent directory, where it differs from the name
};
std::vector<named_leaf> named_leaves(const profile::role_profile& profile);

}  // namespace imds
