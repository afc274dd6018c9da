#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>

#include "workload/bounded_cache.hpp"
#include "workload/directory.hpp"
#include "workload/walk_rate.hpp"

namespace workload {

/// Where a directory gets its answers. Both may block; they are called on its thread only.
struct directory_sources {
    std::function<std::optional<std::vector<std::uint32_t>>(std::uint32_t uid)> groups;
    std::function<std::optional<std::string>(std::uint64_t cgroup_id)> path;
};

/// The directory over any sources: caches, limits and the thread.
///
/// A cached id -> path is believed for good: the kernel gives no kernfs id twice within a boot, and
/// cgroup2 has no rename. A removed cgroup's path stays true for the sockets made in it.
class threaded_directory final : public directory {
public:
    threaded_directory(directory_sources sources, const base::clock& clock,
                       directory_options options);
    ~threaded_directory() override;

    bool fill_cached(binding::caller& who, bool groups, bool cgroups) override;
    void look_up(binding::caller who, bool groups, bool cgroups,
                 std::function<void(binding::caller)> done) override;

private:
    using group_list = std::optional<std::vector<std::uint32_t>>;

    /// An answer, or the fact that there is none, believed until a date.
    struct known_groups {
        group_list list;
        base::boot_time until;
    };
    struct known_path {
        std::optional<std::string> path;  ///< empty: a miss, believed until `until`
        base::boot_time until;
    };
    struct job {
        binding::caller who;
        bool groups = false;
        bool cgroups = false;
        std::function<void(binding::caller)> done;
    };
    struct missing {
        bool groups = false;
        bool path = false;
    };

    missing fill(binding::caller& who, bool groups, bool cgroups);
    void run();
    void resolve(job& work);
    void add_groups(std::uint32_t uid);
    void add_path(std::uint64_t id);

    const directory_sources sources_;
    const base::clock& clock_;
    const directory_options options_;

    std::mutex mutex_;  // guards everything down to stop_
    bounded_cache<std::uint32_t, known_groups> groups_;
    bounded_cache<std::uint64_t, known_path> paths_;
    walk_rate rate_;
    std::deque<job> waiting_;
    bool stop_ = false;

    std::condition_variable changed_;
    std::thread thread_;  // last: it uses all of the above
};

}  // namespace workload
