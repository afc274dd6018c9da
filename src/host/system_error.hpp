#pragma once

#include <string_view>

#include "base/error.hpp"

namespace host {

/// "PATH: cannot open: Permission denied"; call with errno still set by the failed call.
base::error system_failure(std::string_view path, std::string_view what);

}  // namespace host
