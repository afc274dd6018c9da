#include "pod_identity/associations.hpp"

namespace pod_identity {

association_table::association_table(options from) : from_(std::move(from)) {
    for (std::size_t i = 0; i < from_.clusters.size(); ++i)
        by_issuer_.emplace(from_.clusters[i].issuer, i);
    for (const association& one : from_.associations) {
        profiles_.emplace(key(one.cluster, one.kubernetes_namespace, one.service_account),
                          one.profile);
    }
}

std::optional<std::size_t> association_table::cluster_of(std::string_view issuer) const {
    const auto found = by_issuer_.find(issuer);
    return found == by_issuer_.end() ? std::nullopt : std::optional(found->second);
}

std::optional<std::size_t> association_table::profile_of(std::size_t cluster,
                                                         std::string_view kubernetes_namespace,
                                                         std::string_view service_account) const {
    const auto found =
        profiles_.find(key(cluster, kubernetes_namespace, std::string(service_account)));
    return found == profiles_.end() ? std::nullopt : std::optional(found->second);
}

}  // namespace pod_identity
