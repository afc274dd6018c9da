#include "imds/tree.hpp"

#include <algorithm>

#include "imds/lifecycle_rows.hpp"
#include "imds/rows.hpp"

namespace imds {

namespace {

/// Finds or makes the child, keeping the order by name.
node& descend(node& parent, std::string_view name, version_index since) {
    auto at =
        std::lower_bound(parent.children.begin(), parent.children.end(), name,
                         [](const auto& child, std::string_view n) { return child->name < n; });
    if (at == parent.children.end() || (*at)->name != name) {
        auto made = std::make_unique<node>();
        made->name = name;
        made->since = since;
        at = parent.children.insert(at, std::move(made));
    }
    // A directory exists since its oldest entry.
    (*at)->since = std::min((*at)->since, since);
    return **at;
}

/// The segments of a row's path; what the {…} ones stand for may hold '/', it never starts another.
std::vector<std::string> segments_of(std::string_view path, const std::vector<std::string>& names) {
    std::vector<std::string> segments;
    auto name = names.begin();
    for (;;) {
        const auto slash = path.find('/');
        const auto segment = path.substr(0, slash);
        if (segment.starts_with('{'))
            segments.push_back(*name++);
        else
            segments.emplace_back(segment);
        if (slash == std::string_view::npos) return segments;
        path.remove_prefix(slash + 1);
    }
}

node& place(node& root, const std::vector<std::string>& segments, version_index since) {
    node* at = &root;
    for (const std::string& segment : segments)
        at = &descend(*at, segment, since);
    at->is_leaf = true;
    return *at;
}

}  // namespace

const node* node::child(std::string_view segment) const {
    const auto at = std::lower_bound(children.begin(), children.end(), segment,
                                     [](const auto& c, std::string_view n) { return c->name < n; });
    if (at == children.end() || (*at)->name != segment) return nullptr;
    return at->get();
}

tree::tree(const profile::role_profile& profile) {
    root_.bare = true;
    const std::vector<std::string> role = {profile.granted_role ? profile.granted_role->name
                                                                : std::string()};
    for (const auto table : {rows(), lifecycle_rows()}) {
        for (const row& r : table) {
            auto body = r.body(profile);
            if (!body) continue;
            node& leaf = place(root_, segments_of(r.path, role), first_version_since(r.since));
            leaf.kind = r.kind;
            leaf.body = std::move(*body);
        }
    }
    for (const auto table : {named_rows(), interface_rows(), pushed_rows()}) {
        for (const repeated_row& r : table) {
            const version_index since = first_version_since(r.since);
            r.each(profile, [&](named_leaf named) {
                auto segments = segments_of(r.path, named.names);
                node& leaf = place(root_, segments, since);
                leaf.body = std::move(named.body);
                if (named.listed_as.empty()) return;
                segments.pop_back();
                node* directory = &root_;
                for (const std::string& segment : segments)
                    directory = &descend(*directory, segment, since);
                directory->listed_as = std::move(named.listed_as);
            });
        }
    }
    // EC2 shows the directory as soon as tags are allowed, even without any tag.
    if (profile.metadata.instance_metadata_tags && profile.instance.tags.empty()) {
        const version_index since = first_version_since("2021-03-23");
        node* at = &root_;
        for (const char* segment : {"meta-data", "tags", "instance"})
            at = &descend(*at, segment, since);
    }
}

tree::found tree::find(const http::path_segments& path) const {
    if (path.unroutable) return {};
    if (path.size == 0) return {&root_, 0, true};
    const auto version = find_version(path.segment[0]);
    if (!version) return {};
    const node* at = &root_;
    for (std::size_t i = 1; i < path.size; ++i) {
        at = at->is_leaf ? nullptr : at->child(path.segment[i]);
        if (!at || at->since > *version) return {};
    }
    return {at, *version, false};
}

std::string tree::listing(const node& directory, version_index version) {
    std::string body;
    for (const auto& child : directory.children) {
        if (child->since > version) continue;
        if (!body.empty()) body += '\n';
        if (!child->listed_as.empty()) {
            body += child->listed_as;
            continue;
        }
        body += child->name;
        if (!child->is_leaf && !directory.bare) body += '/';
    }
    return body;
}

std::string tree::version_listing() {
    std::string body;
    for (version_index i = 0; i < version_count(); ++i) {
        if (i != 0) body += '\n';
        body += version_name(i);
    }
    return body;
}

std::vector<std::string> known_paths() {
    std::vector<std::string> paths;
    const auto add = [&](const auto& r) {
        paths.push_back(std::string(r.path) + " since " + std::string(r.since));
    };
    for (const auto table : {rows(), lifecycle_rows()})
        for (const row& r : table)
            add(r);
    for (const auto table : {named_rows(), interface_rows(), pushed_rows()})
        for (const repeated_row& r : table)
            add(r);
    std::sort(paths.begin(), paths.end());
    return paths;
}

}  // namespace imds
