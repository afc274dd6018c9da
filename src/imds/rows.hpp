#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "imds/tree.hpp"

namespace imds {

/// One row of the metadata tree. To serve another path, add a row.
struct row {
    /// Below /{version}/. {role} is the name of the profile's role.
    std::string_view path;
    std::string_view since;  ///< the API version that introduced it
    leaf_kind kind;
    /// The body; no value: the path does not exist for this instance. For kinds whose body comes
    /// with the request the text is unused.
    std::optional<std::string> (*body)(const profile::role_profile& profile);
};

std::span<const row> rows();

/// A leaf of a repeated row.
struct named_leaf {
    std::vector<std::string> names;  ///< what stands for the {…} segments, in order
    std::string body;
    std::string listed_as = {};  ///< of the leaf's directory, where it differs from its name
};
using leaf_sink = std::function<void(named_leaf)>;

/// A row for what an instance has any number of: interfaces, tags, keys, devices. Text.
struct repeated_row {
    std::string_view path;  ///< with {…} segments
    std::string_view since;
    void (*each)(const profile::role_profile& profile, const leaf_sink& add);
};

std::span<const repeated_row> named_rows();      ///< public keys, tags, devices, accelerators
std::span<const repeated_row> interface_rows();  ///< network/interfaces/macs/{mac}/

/// "a\nb": how leaves show several values. No values: no leaf.
std::optional<std::string> lines(const std::vector<std::string>& values);

}  // namespace imds
