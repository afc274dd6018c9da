#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace pod_identity {

/// The audience of tokens for pod identity when a cluster names no other.
inline constexpr const char* usual_audience = "pods.eks.amazonaws.com";

/// Where a cluster's public keys are: a file, or a URL as Kubernetes serves it (/openid/v1/jwks).
struct key_place {
    std::string url;  ///< empty: `file`
    std::string file;
    std::string ca_file;     ///< with a URL: PEM; empty: what the system trusts
    std::string token_file;  ///< with a URL: its content is sent as bearer token; empty: none

    bool operator==(const key_place&) const = default;
};

/// A Kubernetes cluster whose service account tokens are accepted.
struct cluster {
    std::string name;
    std::string issuer;  ///< `iss` of its tokens, byte for byte; no two clusters have the same
    std::vector<std::string> audiences;  ///< one of them must be in `aud`
    key_place keys;
};

/// Which profile the pods of a service account get.
struct association {
    std::size_t cluster = 0;  ///< index
    std::string kubernetes_namespace;
    std::string service_account;
    std::size_t profile = 0;  ///< index into the configuration's profiles
    std::string where;        ///< file:line
};

struct options {
    std::vector<cluster> clusters;
    std::vector<association> associations;
};

}  // namespace pod_identity
