#include "sigv4/failure.hpp"

#include <algorithm>

#include "sigv4/limits.hpp"
#include "sigv4/sigv4.hpp"

namespace sigv4 {

base::error missing_authentication() {
    return {base::error_kind::denied, "Request is missing Authentication Token",
            "MissingAuthenticationToken"};
}

base::error incomplete_signature(std::string message) {
    return {base::error_kind::invalid, std::move(message), "IncompleteSignature"};
}

base::error does_not_match(std::string message) {
    return {base::error_kind::denied, std::move(message), "SignatureDoesNotMatch"};
}

base::error invalid_request(std::string message) {
    return {base::error_kind::invalid, std::move(message), "InvalidRequest"};
}

base::error signature_mismatch() {
    return does_not_match(
        "The request signature we calculated does not match the signature you provided. Check your "
        "AWS Secret Access Key and signing method. Consult the service documentation for details.");
}

std::string quoted(std::string_view text) {
    const bool plain = text.size() <= max_scope_part_bytes &&
                       std::all_of(text.begin(), text.end(),
                                   [](char c) { return c >= 0x20 && c < 0x7F && c != '\''; });
    std::string out = "'";
    if (plain) out += text;
    return out += '\'';
}

}  // namespace sigv4
