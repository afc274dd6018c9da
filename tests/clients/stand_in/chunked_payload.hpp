#pragma once

#include <string>
#include <string_view>

#include "base/error.hpp"
#include "verifier.hpp"

namespace stand_in {

/// The bytes inside an aws-chunked body (S3's "Signature Calculations: Transferring Payload in
/// Multiple Chunks"). `stated` is X-Amz-Content-Sha256: with STREAMING-AWS4-HMAC-SHA256-PAYLOAD
/// each chunk's signature is verified, in a chain that starts with the request's own.
base::result<std::string> open_chunks(std::string_view body, std::string_view stated,
                                      const verdict& who);

}  // namespace stand_in
