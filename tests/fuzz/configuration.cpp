#include "config/configuration.hpp"

#include <cstdint>
#include <cstdlib>
#include <string>

#include "http/target.hpp"
#include "imds/tree.hpp"

namespace {

/// The configuration is the input; every other file exists too, so that references are followed.
struct memory_environment final : config::environment {
    std::string text;

    std::optional<std::string> variable(std::string_view name) const override {
        if (name == "HOME") return "/home/me";
        return std::nullopt;
    }
    std::optional<std::uint32_t> uid_of_user(const std::string& name) const override {
        if (name.empty()) return std::nullopt;
        return std::uint32_t(name.size());
    }
    std::optional<std::uint32_t> gid_of_group(const std::string& name) const override {
        return uid_of_user(name);
    }
    std::uint32_t own_uid() const override { return 1000; }
    base::result<std::string> read_file(const std::string& path) const override {
        if (path == "conf.yaml") return text;
        if (path.ends_with(".yaml")) return std::string("instance: {region: us-east-1}\n");
        return std::string("0123456789abcdef0123456789");
    }
};

/// Every name is one segment of a path and one line of a listing.
void check_names(const imds::node& directory) {
    if (directory.is_leaf && !directory.children.empty()) std::abort();
    for (const auto& child : directory.children) {
        if (child->name.empty()) std::abort();
        for (const char c : child->name + child->listed_as)
            if (c == '/' || (c >= 0 && c < ' ')) std::abort();
        check_names(*child);
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    memory_environment from;
    from.text.assign(reinterpret_cast<const char*>(data), size);
    const auto result = config::load("conf.yaml", from);
    bool failed = false;
    for (const auto& d : result.diagnostics) {
        failed |= !d.warning;
        if (d.message.empty() || d.text().find('\n') != std::string::npos) std::abort();
    }
    // A configuration is had exactly when nothing is wrong with it.
    if (failed == result.loaded.has_value()) std::abort();
    if (!result.loaded) return 0;
    for (const auto& rule : result.loaded->bindings) {
        if (rule.profile_index >= result.loaded->profiles.size()) std::abort();
        if (!rule.user_units.empty() && rule.uids.empty()) std::abort();
    }
    http::path_segments latest;
    http::split_path("/latest", latest);
    for (const auto& profile : result.loaded->profiles) {
        const imds::tree tree(profile::resolve(profile, {}));
        const auto found = tree.find(latest);
        if (!found.at) std::abort();
        check_names(*found.at);
    }
    return 0;
}
