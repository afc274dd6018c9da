#pragma once

#include <string>
#include <string_view>

#include "base/error.hpp"
#include "jose/jwt.hpp"

namespace pod_identity {

/// Whom a service account token speaks for.
struct service_account {
    std::string kubernetes_namespace;
    std::string name;
    std::string pod;      ///< empty: the token is not bound to a pod
    std::string pod_uid;  ///< likewise
};

/// Names as Kubernetes has them (RFC 1123): a namespace is a label of at most 63 characters, a
/// service account a name of at most 253.
bool is_namespace(std::string_view text);
bool is_service_account_name(std::string_view text);

/// From the claim `kubernetes.io`; where there is none, from `sub`
/// ("system:serviceaccount:NAMESPACE:NAME"). Where there are both, they must say the same.
base::result<service_account> read_service_account(const jose::claims& claimed);

}  // namespace pod_identity
