#pragma once

#include <string>
#include <string_view>

#include "base/error.hpp"

namespace sts {

/// A failure with its name on the wire. The kind follows from the name.
base::error wire_error(std::string_view code, std::string message);
/// The HTTP status of a wire name (STS API reference, common errors); 500 for unknown names.
unsigned status_of(std::string_view code);

}  // namespace sts
