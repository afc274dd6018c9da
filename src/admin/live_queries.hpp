#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "profile/lifecycle.hpp"
#include "profile/metadata_override.hpp"

namespace admin {

/// An event as asked for: times may be relative to when it is carried out.
struct event_request {
    std::string kind;                   ///< see profile::lifecycle_kinds
    std::string profile;                ///< empty: all
    std::optional<base::wall_time> at;  ///< neither `at` nor `in`: now
    std::optional<base::seconds> in;
    std::optional<std::string> action;    ///< spot-interruption; default terminate
    std::optional<base::seconds> notice;  ///< spot-interruption: between notice and action
    std::optional<std::string> code;      ///< maintenance
    std::optional<std::string> description;
    std::optional<base::wall_time> not_before, not_after, not_before_deadline;
    std::optional<std::string> state;  ///< autoscaling
    std::optional<std::string> user;   ///< ssh-key
    std::optional<std::string> key;
    bool operator==(const event_request&) const = default;
};

/// Reads the query of a request that adds an event: "kind=maintenance&code=system-reboot&in=10m".
/// Times are YYYY-MM-DDTHH:MM:SSZ, durations as in the configuration. Unknown and repeated names,
/// and values that are none, are errors that say which.
base::result<event_request> parse_event_query(std::string_view raw);
/// The inverse, for clients.
std::string format_event_query(const event_request& request);

/// What the request means now; still without id. What does not belong to its kind, what lies in the
/// past or too far ahead, and unknown names are errors.
base::result<profile::lifecycle_event> to_event(const event_request& request, base::wall_time now);

/// Changes of the instance metadata options.
struct options_request {
    std::string profile;  ///< empty: all
    bool reset = false;   ///< back to the configuration
    profile::metadata_override change;
    bool operator==(const options_request&) const = default;
};
/// "profile=app&http-tokens=required", "reset=true", or "profile=app" alone to ask.
base::result<options_request> parse_options_query(std::string_view raw);
std::string format_options_query(const options_request& request);

/// "id=EVENT", of a request that cancels or completes one.
base::result<std::string> parse_event_id_query(std::string_view raw);
std::string format_event_id_query(std::string_view id);

}  // namespace admin
