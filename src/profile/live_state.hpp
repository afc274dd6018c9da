#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/object.hpp>

#include "base/error.hpp"
#include "profile/lifecycle.hpp"
#include "profile/metadata_override.hpp"

namespace profile {

/// What operators changed while the daemon ran. It goes before the configuration and survives a
/// restart.
struct live_state {
    std::vector<lifecycle_event> events;
    std::map<std::string, metadata_override, std::less<>> options;  ///< by profile
    bool operator==(const live_state&) const = default;
};

/// The text that the state directory keeps: JSON.
std::string serialise(const live_state& state);

/// The inverse, strict: unknown members, wrong types, times and values that could not have been
/// added, repeated ids are errors.
base::result<live_state> parse_live_state(std::string_view text);

/// One event and a profile's options as JSON, in the words of the command line.
boost::json::object to_json(const lifecycle_event& event);
boost::json::object to_json(const metadata_override& options);

inline constexpr std::size_t largest_live_state = 8 << 20;

}  // namespace profile
