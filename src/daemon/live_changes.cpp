#include "daemon/live_changes.hpp"

#include <array>

#include "host/secret_file.hpp"

namespace daemon_ {

base::result<live_changes> live_changes::open(std::string path, const base::clock& clock,
                                              base::random& random) {
    live_changes made(std::move(path), clock, random);
    const auto text = host::read_secret_file(made.path_, profile::largest_live_state);
    if (!text && text.error().kind == base::error_kind::not_found) return made;
    if (!text) return text.error();
    auto state = profile::parse_live_state(text->reveal());
    if (!state) {
        return base::invalid(made.path_ + ": " + state.error().message +
                             " (events and options set at run time; remove the file to forget "
                             "them)");
    }
    made.state_ = std::move(*state);
    profile::forget_past(made.state_.events, clock.now());
    return made;
}

profile::metadata_options live_changes::options_of(const profile::role_profile& configured) const {
    const auto changed = state_.options.find(configured.name);
    return changed == state_.options.end() ? configured.metadata
                                           : changed->second.over(configured.metadata);
}

profile::lifecycle_state live_changes::lifecycle_of(const std::string& profile) const {
    return profile::lifecycle_at(state_.events, profile, clock_->now());
}

profile::role_profile live_changes::apply(profile::role_profile configured) const {
    configured.metadata = options_of(configured);
    configured.lifecycle = lifecycle_of(configured.name);
    return configured;
}

/// Served as EventId of maintenance, so of EC2's form: "instance-event-" and 17 hex digits.
std::string live_changes::new_id(const profile::lifecycle_change& what) const {
    std::array<std::byte, 9> bytes;
    random_->fill(bytes);
    std::string digits;
    for (const std::byte b : bytes) {
        digits += "0123456789abcdef"[std::to_integer<unsigned>(b) >> 4];
        digits += "0123456789abcdef"[std::to_integer<unsigned>(b) & 15];
    }
    if (std::holds_alternative<profile::maintenance_event>(what))
        return "instance-event-" + digits.substr(0, 17);
    return std::string(profile::kind_of(what)) + "-" + digits.substr(0, 8);
}

base::result<void> live_changes::keep(profile::live_state next) {
    profile::forget_past(next.events, clock_->now());
    const std::string text = profile::serialise(next);
    if (text.size() > profile::largest_live_state)
        return base::exhausted("there is no room for more events");
    // The next start reads it: a file that it would refuse is never written.
    if (const auto readable = profile::parse_live_state(text); !readable) return readable.error();
    if (const auto written = host::write_secret_file(path_, base::secret(text)); !written) {
        // Whatever stands in the way (the directory is gone: not_found), it is not what was asked.
        return base::unavailable("the change cannot be kept: " + written.error().message);
    }
    state_ = std::move(next);
    return {};
}

base::result<profile::lifecycle_event> live_changes::add(profile::lifecycle_event event) {
    if (const auto sound = profile::check(event); !sound) return sound.error();
    profile::live_state next = state_;
    profile::forget_past(next.events, clock_->now());
    if (next.events.size() >= profile::most_lifecycle_events)
        profile::forget_hidden(next.events, clock_->now());
    if (next.events.size() >= profile::most_lifecycle_events) {
        return base::exhausted("there are " + std::to_string(profile::most_lifecycle_events) +
                               " events already; cancel some");
    }
    event.id = new_id(event.what);
    next.events.push_back(event);
    if (const auto kept = keep(std::move(next)); !kept) return kept.error();
    return event;
}

base::result<void> live_changes::cancel(const std::string& id) {
    profile::live_state next = state_;
    if (const auto done = profile::cancel(next.events, id, clock_->now()); !done) return done;
    return keep(std::move(next));
}

base::result<void> live_changes::complete(const std::string& id) {
    profile::live_state next = state_;
    if (const auto done = profile::complete(next.events, id, clock_->now()); !done) return done;
    return keep(std::move(next));
}

base::result<void> live_changes::change_options(const std::vector<std::string>& profiles,
                                                const profile::metadata_override& change) {
    profile::live_state next = state_;
    for (const std::string& name : profiles)
        next.options[name].merge(change);
    return keep(std::move(next));
}

base::result<void> live_changes::reset_options(const std::string& profile) {
    profile::live_state next = state_;
    if (profile.empty()) {
        next.options.clear();
    } else {
        next.options.erase(profile);
    }
    return keep(std::move(next));
}

std::optional<base::wall_time> live_changes::next_change() const {
    return profile::next_change(state_.events, clock_->now());
}

}  // namespace daemon_
