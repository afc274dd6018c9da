#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/clock.hpp"
#include "base/error.hpp"

namespace profile {

/// Spot interruption notices: what will happen to the instance (EC2 User Guide, "Spot Instance
/// interruption notices").
enum class spot_action { hibernate, stop, terminate };

/// Codes of scheduled events (EC2 API: InstanceStatusEvent).
enum class maintenance_code {
    instance_reboot,
    system_reboot,
    system_maintenance,
    instance_retirement,
    instance_stop,
};

enum class maintenance_state { active, completed, canceled };

/// Values of autoscaling/target-lifecycle-state (EC2 Auto Scaling User Guide).
enum class autoscaling_target {
    detached,
    in_service,
    standby,
    terminated,
    warmed_hibernated,
    warmed_running,
    warmed_stopped,
    warmed_terminated,
};

/// The names that go over the wire.
std::string_view to_string(spot_action value);
std::string_view to_string(maintenance_code value);
std::string_view to_string(maintenance_state value);
std::string_view to_string(autoscaling_target value);
/// The inverse; nothing for an unknown name.
std::optional<spot_action> spot_action_of(std::string_view name);
std::optional<maintenance_code> maintenance_code_of(std::string_view name);
std::optional<autoscaling_target> autoscaling_target_of(std::string_view name);
std::vector<std::string_view> spot_action_names();
std::vector<std::string_view> maintenance_code_names();
std::vector<std::string_view> autoscaling_target_names();

struct spot_interruption {
    spot_action action = spot_action::terminate;
    base::wall_time time{};  ///< when it happens; the notice comes before
    bool operator==(const spot_interruption&) const = default;
};

struct rebalance_recommendation {
    bool operator==(const rebalance_recommendation&) const = default;
};

struct maintenance_event {
    maintenance_code code = maintenance_code::system_reboot;
    std::string description;
    base::wall_time not_before{};
    base::wall_time not_after{};
    std::optional<base::wall_time> not_before_deadline;
    maintenance_state state = maintenance_state::active;
    base::wall_time closed{};  ///< when it was completed or canceled
    bool operator==(const maintenance_event&) const = default;
};

/// A public key that EC2 Instance Connect pushes: served as it is for a minute.
struct pushed_key {
    std::string user;
    std::string text;
    bool operator==(const pushed_key&) const = default;
};

using lifecycle_change = std::variant<spot_interruption, rebalance_recommendation,
                                      maintenance_event, autoscaling_target, pushed_key>;

/// One thing that an operator made happen, or will make happen.
struct lifecycle_event {
    std::string id;
    std::string profile;        ///< empty: all profiles
    base::wall_time visible{};  ///< since when the instance's metadata shows it; whole seconds
    lifecycle_change what;
    bool operator==(const lifecycle_event&) const = default;
};

/// "spot-interruption", "rebalance", "maintenance", "autoscaling" or "ssh-key".
std::string_view kind_of(const lifecycle_change& what);
std::vector<std::string_view> lifecycle_kinds();

/// How long EC2 Instance Connect keeps a pushed key.
inline constexpr base::seconds pushed_key_life{60};
/// How long completed and canceled maintenance stays in the history (EC2: up to a week).
inline constexpr base::seconds history_life{7 * 86400};
inline constexpr base::seconds spot_notice_time{120};
inline constexpr std::size_t most_lifecycle_events = 1000;
inline constexpr std::size_t most_key_text = 8192;
inline constexpr std::size_t most_description = 512;
/// The furthest that anything can be scheduled ahead.
inline constexpr base::seconds furthest_event{366 * 86400};

/// What the metadata of one instance shows at one time.
struct lifecycle_state {
    std::optional<spot_interruption> spot;
    std::optional<base::wall_time> rebalance;  ///< the recommendation's noticeTime
    struct entry {
        std::string id;
        maintenance_event event;
        bool operator==(const entry&) const = default;
    };
    std::vector<entry> scheduled;
    std::vector<entry> history;
    std::optional<autoscaling_target> autoscaling;  ///< none: in no Auto Scaling group
    struct live_key {
        pushed_key pushed;
        base::wall_time expires{};
        bool operator==(const live_key&) const = default;
    };
    std::vector<live_key> keys;  ///< oldest first
    bool operator==(const lifecycle_state&) const = default;
};

/// What `events` mean for a profile at a time. Of several notices, recommendations or target states
/// the one that became visible last holds.
lifecycle_state lifecycle_at(std::span<const lifecycle_event> events, std::string_view profile,
                             base::wall_time now);

/// The next time after `now` at which the answer of lifecycle_at changes; nothing: never.
std::optional<base::wall_time> next_change(std::span<const lifecycle_event> events,
                                           base::wall_time now);

/// Takes an event back. Maintenance that was visible goes to the history as canceled; anything else
/// is as if it had never been. Unknown ids, and maintenance that is closed already, are errors.
base::result<void> cancel(std::vector<lifecycle_event>& events, std::string_view id,
                          base::wall_time now);
/// Maintenance only: it goes to the history as completed.
base::result<void> complete(std::vector<lifecycle_event>& events, std::string_view id,
                            base::wall_time now);
/// Drops what no profile can show any more: pushed keys after a minute, history after a week.
void forget_past(std::vector<lifecycle_event>& events, base::wall_time now);

/// Drops notices, recommendations and target states that a later one hides from every profile that
/// they concern. They would show again if that one were cancelled.
void forget_hidden(std::vector<lifecycle_event>& events, base::wall_time now);

/// Everything that makes an event unfit to be added or kept: texts, times, sizes. `id` may be
/// empty.
base::result<void> check(const lifecycle_event& event);

}  // namespace profile
