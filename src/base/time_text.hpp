#pragma once

#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/error.hpp"

namespace base {

/// "2026-11-22T08:09:10Z": whole seconds and a literal Z, the only form botocore's expiry logic
/// accepts. Fractions are dropped.
std::string iso8601(wall_time time);

/// "20261122T080910Z", the SigV4 timestamp.
std::string iso8601_basic(wall_time time);

/// "Sun, 22 Nov 2026 08:09:10 GMT" (RFC 9110 §5.6.7, IMF-fixdate).
std::string imf_fixdate(wall_time time);

/// Strict inverses; anything else is error_kind::invalid.
result<wall_time> parse_iso8601(std::string_view text);
result<wall_time> parse_iso8601_basic(std::string_view text);
result<wall_time> parse_imf_fixdate(std::string_view text);

/// "90s", "15m", "1h30m", "2d": positive, each unit at most once, biggest first; a bare number is
/// refused (its unit would be a guess).
result<seconds> parse_duration(std::string_view text);
std::string duration_text(seconds value);

}  // namespace base
