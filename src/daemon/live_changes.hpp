#pragma once

#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/random.hpp"
#include "profile/live_state.hpp"

namespace daemon_ {

/// What operators changed while the daemon ran: events and options. Each change is on disk before
/// it is in force; a change that cannot be written is refused and changes nothing.
class live_changes {
public:
    /// `path`: the file that keeps them; made by the first change. A damaged one is an error that
    /// names it: events that an operator made must not vanish silently.
    static base::result<live_changes> open(std::string path, const base::clock& clock,
                                           base::random& random);

    const profile::live_state& state() const { return state_; }

    /// What is in force now for a profile of the configuration.
    profile::metadata_options options_of(const profile::role_profile& configured) const;
    profile::lifecycle_state lifecycle_of(const std::string& profile) const;
    profile::role_profile apply(profile::role_profile configured) const;

    /// Gives the event an id of its own and returns it as it is kept.
    base::result<profile::lifecycle_event> add(profile::lifecycle_event event);
    base::result<void> cancel(const std::string& id);
    base::result<void> complete(const std::string& id);
    base::result<void> change_options(const std::vector<std::string>& profiles,
                                      const profile::metadata_override& change);
    /// An empty name: those of all profiles, also of such that the configuration no longer has.
    base::result<void> reset_options(const std::string& profile);

    /// When what is in force changes by itself next.
    std::optional<base::wall_time> next_change() const;

private:
    live_changes(std::string path, const base::clock& clock, base::random& random)
        : path_(std::move(path)), clock_(&clock), random_(&random) {}
    base::result<void> keep(profile::live_state next);
    std::string new_id(const profile::lifecycle_change& what) const;

    std::string path_;
    const base::clock* clock_;
    base::random* random_;
    profile::live_state state_;
};

}  // namespace daemon_
