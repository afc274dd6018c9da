#pragma once

#include <optional>
#include <string_view>

#include "base/secret.hpp"
#include "config/reader.hpp"

namespace config {

/// What a secret must look like: printable ASCII without spaces unless `spaces`.
struct secret_form {
    std::size_t least;  ///< bytes
    std::size_t most;
    std::string_view text;  ///< the rule, for the message: "16 to 128 printable characters"
    bool spaces = false;
};

/// A secret in a file or an environment variable: {file: PATH} or {env: VARIABLE}. A line break at
/// its end is not part of it. The value never reaches a message.
std::optional<base::secret> read_secret(const node& value, const secret_form& form, context with);

}  // namespace config
