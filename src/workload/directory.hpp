#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "binding/caller.hpp"

namespace workload {

/// Finds the cgroup2 mount (hybrid hosts have it beside v1) in a mountinfo text; empty when none.
/// Mounts of a subtree do not count: paths below them would not start at the root.
std::string cgroup2_mount(std::string_view mountinfo);

/// The same for this process, from /proc/self/mountinfo.
std::string cgroup2_mount_of_this_process();

/// cgroup id -> path below the cgroup2 root, by walking the tree and comparing st_ino. Blocking:
/// for the control thread. The root (and ids not found) have no path. The tops of units are counted
/// from the root of the system manager: in a cgroup namespace nothing has a path, unless the
/// namespace is the system manager's own.
class cgroup_tree {
public:
    static constexpr std::size_t most_visited = 16384;  ///< cgroups looked at in one walk

    explicit cgroup_tree(std::string mount, bool namespace_of_manager = false);
    std::optional<std::string> path_of(std::uint64_t id) const;
    const std::string& mount() const { return mount_; }

private:
    std::string mount_;
    bool namespace_of_manager_;
};

/// From the text of /proc/1/cgroup as this process sees it: true when systemd, which moves itself
/// to init.scope right below its root, has its root where this cgroup namespace has its own. So it
/// is for a daemon beside the init of a system container; a sidecar's PID 1 is another program.
bool is_namespace_of_manager(std::string_view cgroup_of_init);

/// The same, asked of /proc/1/cgroup.
bool in_cgroup_namespace_of_manager();

struct directory_options {
    base::seconds group_cache_life{60};         ///< how long a user's group list is believed
    base::seconds missing_cgroup_life{1};       ///< a miss is not looked up again before
    std::size_t walks_per_uid_per_second = 10;  ///< beyond: no fact
    std::size_t cached_cgroups = 4096;
    std::size_t cached_users = 4096;
    std::size_t waiting = 4096;  ///< look-ups queued; beyond: no fact
};

/// Turns uid and cgroup_id into names: groups, cgroup path, units. What is cached is answered at
/// once; the rest is looked up on a thread of its own (NSS and the cgroup walk may block).
/// Thread-safe.
class directory {
public:
    virtual ~directory() = default;
    /// Fills the resolved facts of `who` from the caches; true when a look-up would add nothing:
    /// all that is wanted is there, cannot be had, or was just looked for in vain.
    virtual bool fill_cached(binding::caller& who, bool groups, bool cgroups) = 0;
    /// Looks up what is missing, then calls `done` (on the directory's thread). A failed look-up
    /// leaves the fact absent, and so does a uid over its rate. Calls `done` at once, on the
    /// calling thread, when too many look-ups wait. `done` must not throw.
    /// The destructor calls `done` for all that still wait, without looking anything up.
    virtual void look_up(binding::caller who, bool groups, bool cgroups,
                         std::function<void(binding::caller)> done) = 0;
};

std::unique_ptr<directory> make_directory(std::string cgroup2_mount, const base::clock& clock,
                                          directory_options options = {});

}  // namespace workload
