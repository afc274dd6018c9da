#pragma once

#include <string>

#include "base/error.hpp"

namespace host {

/// The first line of a small text file of the system, without its end; an empty file has "".
base::result<std::string> first_line(const std::string& file);

}  // namespace host
