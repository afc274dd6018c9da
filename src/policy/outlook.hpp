#pragma once

#include <optional>

#include "base/clock.hpp"
#include "policy/document.hpp"

namespace policy {

/// Whether no request from `now` on can meet all conditions of a statement, whoever makes it: times
/// that have passed, conditions on one key that exclude each other, plain operators on keys that
/// have a list of values. Such statements are not all found. No `now`: times are not looked at.
bool can_never_hold(const statement& s, std::optional<base::wall_time> now);

/// Whether a condition on nothing but the time holds from `now` on.
bool holds_from_now_on(const condition& c, bool allow, base::wall_time now);

}  // namespace policy
