#pragma once

#include <optional>

#include "verifier/objects.hpp"

namespace verifier {

/// The signed VerifyCaller request about a claim. `options` is complete and of the right size.
std::optional<failure> make_call(const imdsd_claim& claim, const imdsd_call_options& options,
                                 std::int64_t now, imdsd_call& out);

}  // namespace verifier
