#pragma once

#include <cstddef>

#include "base/error.hpp"
#include "base/random.hpp"
#include "base/secret.hpp"

namespace host {

/// How random bytes are kept in a file: "imdsd-secret-1 HEX CHECK\n", CHECK being the first 8 hex
/// digits of their SHA-256. A flipped bit or a lost tail is noticed; an equal length would not do.
base::secret make_secret_text(std::size_t size, base::random& random);

/// Strict inverse for `size` bytes. The error does not tell any of the text.
base::result<base::secret> parse_secret_text(const base::secret& text, std::size_t size);

}  // namespace host
