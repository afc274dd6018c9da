#pragma once

#include <optional>
#include <string_view>

#include "verifier/objects.hpp"

namespace verifier {

/// Reads the issuer's JSON answer to a VerifyCaller about `claim`. The answer must be about that
/// claim, to the letter.
std::optional<failure> read_answer(const imdsd_claim& claim, int http_status, std::string_view body,
                                   std::int64_t now, imdsd_grant& out);

}  // namespace verifier
