#include "workload/directory.hpp"

#include <memory>
#include <utility>

#include "workload/group_lookup.hpp"
#include "workload/threaded_directory.hpp"

namespace workload {

std::unique_ptr<directory> make_directory(std::string cgroup2_mount, const base::clock& clock,
                                          directory_options options) {
    directory_sources sources;
    sources.groups = groups_of;
    sources.path = [tree = cgroup_tree(std::move(cgroup2_mount), in_cgroup_namespace_of_manager())](
                       std::uint64_t id) { return tree.path_of(id); };
    return std::make_unique<threaded_directory>(std::move(sources), clock, options);
}

}  // namespace workload
