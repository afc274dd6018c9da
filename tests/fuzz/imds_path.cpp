#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <set>
#include <string>

#include "http/target.hpp"
#include "imds/tree.hpp"

namespace {

/// Every path there is, as its segments joined by '/'.
void collect(const imds::node& at, const std::string& path, std::set<std::string>& paths) {
    paths.insert(path);
    for (const auto& child : at.children)
        collect(*child, path + "/" + child->name, paths);
}

struct served {
    imds::tree tree;
    std::set<std::string> paths;

    served() : tree(example()) {
        http::path_segments latest;
        http::split_path("/latest", latest);
        collect(*tree.find(latest).at, "", paths);
    }

    static profile::role_profile example() {
        profile::role_profile p;
        p.granted_role = profile::role{"arn:aws:iam::123456789012:role/r", "r", "123456789012"};
        p.metadata.instance_metadata_tags = true;
        p.instance.tags = {{"a%b", ""}, {"-", "x"}};
        p.instance.public_keys = {{"k", "ssh-rsa A"}};
        p.instance.user_data = "x";
        return profile::resolve(std::move(p), {});
    }
};

}  // namespace

/// The router: whatever the target, what is found is one of the paths of the tree, and slashes do
/// not change what is found.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const served here;
    const std::string text(reinterpret_cast<const char*>(data), size);
    const auto target = http::split_target(text);
    if (!target) return 0;
    http::path_segments path;
    http::split_path(target->path, path);
    const auto found = here.tree.find(path);
    if (found.at && !found.is_root) {
        if (path.unroutable || path.size == 0) std::abort();
        std::string joined;
        for (std::size_t i = 1; i < path.size; ++i)
            joined += "/" + std::string(path.segment[i]);
        if (here.paths.count(joined) == 0 || found.at->since > found.version) std::abort();
        if (!found.at->is_leaf) imds::tree::listing(*found.at, found.version);
    }
    for (const std::string& other :
         {"/" + std::string(target->path), std::string(target->path) + "/"}) {
        http::path_segments again;
        http::split_path(other, again);
        if (here.tree.find(again).at != found.at) std::abort();
    }
    return 0;
}
