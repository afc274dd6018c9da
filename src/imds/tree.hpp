#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "http/target.hpp"
#include "imds/versions.hpp"
#include "profile/role_profile.hpp"

namespace imds {

/// What a leaf's body is.
enum class leaf_kind {
    text,                  ///< fixed for the life of the tree
    octets,                ///< fixed; application/octet-stream (user-data)
    credentials,           ///< the role's current credential document
    extended_credentials,  ///< the same with AccountId
    iam_info,              ///< follows the credentials' LastUpdated
    instance_credentials,  ///< the instance's own current credential document
    instance_info,         ///< follows those credentials' LastUpdated
    identity_signature,    ///< of the identity document; these three come with the request
    identity_pkcs7,
    identity_rsa2048,
};

/// A place in the metadata tree: a leaf or a directory.
struct node {
    std::string name;       ///< path segment
    std::string listed_as;  ///< how the parent lists it; empty: name, with '/' when a directory
    version_index since = 0;
    bool is_leaf = false;
    leaf_kind kind = leaf_kind::text;
    std::string body;   ///< of fixed leaves
    bool bare = false;  ///< its listing shows directories without '/' (/latest/)
    std::vector<std::unique_ptr<node>> children;  ///< sorted by name

    const node* child(std::string_view segment) const;
};

/// The metadata of one instance: all versions in one tree, each node with the version since which
/// it exists. Immutable once built.
class tree {
public:
    explicit tree(const profile::role_profile& profile);

    struct found {
        const node* at = nullptr;  ///< null: there is no such path
        version_index version = 0;
        bool is_root = false;  ///< "/": the list of versions
    };
    found find(const http::path_segments& path) const;

    /// The body of a directory, as of a version: one entry a line, no newline at the end.
    static std::string listing(const node& directory, version_index version);
    static std::string version_listing();

private:
    node root_;
};

/// The paths a tree is built from, for documentation and tests: "meta-data/ami-id since 1.0".
std::vector<std::string> known_paths();

}  // namespace imds
