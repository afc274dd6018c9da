#include "workload/threaded_directory.hpp"

#include <exception>
#include <utility>

namespace workload {

threaded_directory::threaded_directory(directory_sources sources, const base::clock& clock,
                                       directory_options options)
    : sources_(std::move(sources)),
      clock_(clock),
      options_(options),
      groups_(options.cached_users),
      paths_(options.cached_cgroups),
      rate_(options.walks_per_uid_per_second, options.cached_users),
      thread_([this] { run(); }) {}

threaded_directory::~threaded_directory() {
    {
        const std::lock_guard lock(mutex_);
        stop_ = true;
    }
    changed_.notify_all();
    thread_.join();
}

bool threaded_directory::fill_cached(binding::caller& who, bool groups, bool cgroups) {
    const std::lock_guard lock(mutex_);
    const missing lacks = fill(who, groups, cgroups);
    return !lacks.groups && !lacks.path;
}

void threaded_directory::look_up(binding::caller who, bool groups, bool cgroups,
                                 std::function<void(binding::caller)> done) {
    bool refused = false;
    {
        const std::lock_guard lock(mutex_);
        refused = waiting_.size() >= options_.waiting || stop_;
        if (refused)
            fill(who, groups, cgroups);
        else
            waiting_.push_back({who, groups, cgroups, std::move(done)});
    }
    if (refused)
        done(std::move(who));
    else
        changed_.notify_one();
}

threaded_directory::missing threaded_directory::fill(binding::caller& who, bool groups,
                                                     bool cgroups) {
    missing lacks;
    if (who.from != binding::caller::origin::local || !who.uid) return lacks;
    const auto now = clock_.boot_now();
    if (groups && !who.groups) {
        const known_groups* known = groups_.find(*who.uid);
        if (known != nullptr && now < known->until)
            who.groups = known->list;
        else
            lacks.groups = true;
    }
    if (cgroups && who.cgroup_id && !who.cgroup) {
        const known_path* known = paths_.find(*who.cgroup_id);
        if (known != nullptr && known->path) {
            who.cgroup = known->path;
            auto units = binding::units_of_cgroup(*known->path);
            who.unit = std::move(units.unit);
            who.user_unit = std::move(units.user_unit);
            who.user_unit_uid = units.user_unit_uid;
        } else if (known == nullptr || now >= known->until) {
            lacks.path = true;
        }
    }
    return lacks;
}

void threaded_directory::run() {
    std::unique_lock lock(mutex_);
    for (;;) {
        changed_.wait(lock, [this] { return stop_ || !waiting_.empty(); });
        if (waiting_.empty()) return;
        job work = std::move(waiting_.front());
        waiting_.pop_front();
        const bool stopping = stop_;
        lock.unlock();
        if (!stopping) resolve(work);
        work.done(std::move(work.who));
        work.done = nullptr;
        lock.lock();
    }
}

void threaded_directory::resolve(job& work) {
    missing lacks;
    {
        // An equal question may have been answered while this one waited: a burst of connections
        // from a new cgroup costs one walk, and counts as one.
        const std::lock_guard lock(mutex_);
        lacks = fill(work.who, work.groups, work.cgroups);
        if (lacks.path && !rate_.take(*work.who.uid, clock_.boot_now())) lacks.path = false;
    }
    if (!lacks.groups && !lacks.path) return;
    try {
        if (lacks.groups) add_groups(*work.who.uid);
        if (lacks.path) add_path(*work.who.cgroup_id);
    } catch (const std::exception&) {
        // Out of memory in a look-up: the fact stays absent, which never lets a rule match.
    }
    const std::lock_guard lock(mutex_);
    fill(work.who, work.groups, work.cgroups);
}

void threaded_directory::add_groups(std::uint32_t uid) {
    group_list found = sources_.groups(uid);
    const auto life = found ? options_.group_cache_life : options_.missing_cgroup_life;
    const std::lock_guard lock(mutex_);
    groups_.put(uid, {std::move(found), clock_.boot_now() + life});
}

void threaded_directory::add_path(std::uint64_t id) {
    std::optional<std::string> found = sources_.path(id);
    const std::lock_guard lock(mutex_);
    paths_.put(id, {std::move(found), clock_.boot_now() + options_.missing_cgroup_life});
}

}  // namespace workload
