// No text opens as a session token but one that was sealed; the inside of a token has exactly one
// form, and survives sealing and opening.
#include "sts/session/session_token.hpp"

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "aws/arn.hpp"
#include "support/counting_random.hpp"

namespace {

void expect(bool holds) {
    if (!holds) std::abort();
}

constexpr std::string_view key_id = "ASIARZPUZDIKAAAAAAAA";  // of account 123456789012
constexpr std::string_view account = "123456789012";

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static support::counting_random random;
    static const sts::key_ring ring = sts::key_ring::generate(random, {});
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const base::wall_time now{base::seconds(1'790'000'000)};

    const auto forged = sts::open_session(text, key_id, "aws", ring, now);
    expect(!forged && forged.error().code == "InvalidClientTokenId");

    auto facts = sts::decode_session(text);
    if (!facts) return 0;
    expect(sts::encode_session(*facts) == text);

    facts->account = account;
    const base::secret token = sts::seal_session(*facts, key_id, "aws", ring, random);
    const auto opened = sts::open_session(token.reveal(), key_id, "aws", ring, now);
    const bool too_long = token.size() > sts::max_session_token_characters;
    if (too_long || now >= facts->expires) {
        expect(!opened);
        return 0;
    }
    expect(opened.has_value());
    expect(sts::encode_session(*opened) == sts::encode_session(*facts));

    // One changed character anywhere, and it is nobody's.
    std::string changed(token.reveal());
    const std::size_t at = size % changed.size();
    changed[at] = changed[at] == 'A' ? 'B' : 'A';
    expect(!sts::open_session(changed, key_id, "aws", ring, now));
    return 0;
}
