#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "binding/caller.hpp"

namespace workload {

/// Finds the cgroup2 mount (hybrid hosts have it beside v1) in a mountinfo text; empty when none.
std::string cgroup2_mount(std::string_view mountinfo);

/// cgroup id -> path below the cgroup2 root, by walking the tree and comparing st_ino. Blocking:
/// for the control thread. The root (and ids not found) have no path.
class cgroup_tree {
public:
    explicit cgroup_tree(std::string mount);
    std::optional<std::string> path_of(std::uint64_t id) const;
    const std::string& mount() const { return mount_; }

private:
    std::string mount_;
};

struct directory_options {
    base::seconds group_cache_life{60};         ///< how long a user's group list is believed
    base::seconds missing_cgroup_life{1};       ///< a miss is not looked up again before
    std::size_t walks_per_uid_per_second = 10;  ///< beyond: no fact
    std::size_t cached_cgroups = 4096;
    std::size_t cached_users = 4096;
};

/// Turns uid and cgroup_id into names: groups, cgroup path, units. What is cached is answered at
/// once; the rest is looked up on a thread of its own (NSS and the cgroup walk may block).
/// Thread-safe.
class directory {
public:
    virtual ~directory() = default;
    /// Fills the resolved facts of `who` from the caches; true when nothing wanted is missing.
    virtual bool fill_cached(binding::caller& who, bool groups, bool cgroups) = 0;
    /// Looks up what is missing, then calls `done` (on the directory's thread). A failed look-up
    /// leaves the fact absent. May call `done` at once when the caller's uid is over its rate.
    virtual void look_up(binding::caller who, bool groups, bool cgroups,
                         std::function<void(binding::caller)> done) = 0;
};

std::unique_ptr<directory> make_directory(std::string cgroup2_mount, const base::clock& clock,
                                          directory_options options = {});

}  // namespace workload
