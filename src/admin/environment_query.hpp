#pragma once

#include <string>
#include <string_view>

#include "admin/daemon_control.hpp"
#include "base/error.hpp"

namespace admin {

/// Reads the query of an operator's request for a binding's environment: exactly one of `profile`
/// and `binding`. Anything else is an error that says what.
base::result<environment_query> parse_environment_query(std::string_view raw);

/// The inverse, for clients.
std::string format_environment_query(const environment_query& query);

}  // namespace admin
