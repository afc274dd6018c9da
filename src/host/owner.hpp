#pragma once

#include <string>

#include "base/error.hpp"

namespace host {

/// Root takes on user and group of whoever owns the directory, for good: for commands that read
/// what a daemon keeps there, and must leave nothing behind that the daemon could not write to.
/// For anybody else, and for what root owns, nothing happens. not_found: there is no such
/// directory.
base::result<void> become_owner_of(const std::string& directory);

}  // namespace host
