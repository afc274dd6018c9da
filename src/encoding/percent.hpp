#pragma once

#include <string>
#include <string_view>

#include "base/error.hpp"

namespace encoding {

/// Encodes all but RFC 3986's unreserved set (A-Z a-z 0-9 - _ . ~), with upper-case hex: the form
/// that SigV4 canonical queries want.
std::string percent_encode(std::string_view text);
void percent_encode(std::string_view text, std::string& out);
/// Decodes %XX; a '%' without two hex digits is an error. '+' stays '+'.
base::result<std::string> percent_decode(std::string_view text);
/// As percent_decode, but '+' is a space (application/x-www-form-urlencoded).
base::result<std::string> form_decode(std::string_view text);

}  // namespace encoding
