#include "chunked_payload.hpp"

#include <charconv>

#include "crypto/hash.hpp"
#include "encoding/base64.hpp"

namespace stand_in {
namespace {

constexpr std::string_view signature_parameter = ";chunk-signature=";

std::string hash(std::string_view text) {
    return encoding::hex(crypto::as_text(crypto::sha256(text)));
}

base::result<std::string_view> line(std::string_view& rest) {
    const std::size_t end = rest.find("\r\n");
    if (end == std::string_view::npos) return base::invalid("a chunk without its line");
    const std::string_view out = rest.substr(0, end);
    rest.remove_prefix(end + 2);
    return out;
}

}  // namespace

base::result<std::string> open_chunks(std::string_view body, std::string_view stated,
                                      const verdict& who) {
    const bool is_signed = stated.starts_with("STREAMING-AWS4-HMAC-SHA256-PAYLOAD");
    const sigv4::scope& scope = who.claim.credential_scope;
    const crypto::digest256 key = sigv4::signing_key(who.secret_access_key.reveal(), scope);
    std::string previous = who.claim.signature;
    std::string out;
    for (std::string_view rest = body;;) {
        const auto head = line(rest);
        if (!head) return head.error();
        const std::size_t at = head->find(signature_parameter);
        std::size_t size = 0;
        const std::string_view digits = head->substr(0, head->find(';'));
        const auto [end, failure] =
            std::from_chars(digits.data(), digits.data() + digits.size(), size, 16);
        if (digits.empty() || failure != std::errc() || end != digits.data() + digits.size() ||
            size > rest.size()) {
            return base::invalid("a chunk's size is wrong");
        }
        const std::string_view data = rest.substr(0, size);
        if (is_signed) {
            if (at == std::string_view::npos) return base::denied("a chunk is not signed");
            const std::string to_sign = "AWS4-HMAC-SHA256-PAYLOAD\n" + who.claim.timestamp + "\n" +
                                        scope.date + "/" + scope.region + "/" + scope.service +
                                        "/aws4_request\n" + previous + "\n" + hash("") + "\n" +
                                        hash(data);
            previous =
                encoding::hex(crypto::as_text(crypto::hmac_sha256(crypto::as_text(key), to_sign)));
            if (!crypto::constant_time_equal(previous,
                                             head->substr(at + signature_parameter.size()))) {
                return base::denied("a chunk's signature is wrong");
            }
        }
        out += data;
        if (size == 0) return out;  // Trailers follow: checksums that nobody here asked for.
        rest.remove_prefix(size);
        const auto empty = line(rest);
        if (!empty || !empty->empty()) return base::invalid("a chunk is longer than its size");
    }
}

}  // namespace stand_in
