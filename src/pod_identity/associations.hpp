#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>

#include "pod_identity/options.hpp"

namespace pod_identity {

/// The clusters and associations of one configuration, for looking up. Immutable.
class association_table {
public:
    association_table() = default;
    explicit association_table(options from);

    const std::vector<cluster>& clusters() const { return from_.clusters; }
    /// Index of the cluster whose tokens name this issuer.
    std::optional<std::size_t> cluster_of(std::string_view issuer) const;
    /// Index of the profile.
    std::optional<std::size_t> profile_of(std::size_t cluster,
                                          std::string_view kubernetes_namespace,
                                          std::string_view service_account) const;

private:
    using key = std::tuple<std::size_t, std::string, std::string>;

    options from_;
    std::map<std::string, std::size_t, std::less<>> by_issuer_;
    std::map<key, std::size_t> profiles_;
};

}  // namespace pod_identity
