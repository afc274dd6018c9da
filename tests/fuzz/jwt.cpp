// No token that was not signed by the key is accepted, and an altered one is not; reading the rest
// never fails in another way than by an error.
#include "jose/jwt.hpp"

#include <cstdint>
#include <cstdlib>
#include <string>

#include "jose/jws.hpp"
#include "support/signing_key.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const support::signing_key signer = support::signing_key::ed25519();
    static const jose::jwk_set keys = jose::read_jwk_set(signer.key_set("k")).value();
    const std::string text(reinterpret_cast<const char*>(data), size);
    if (const auto parsed = jose::parse_jws(text)) {
        // The key is new in every run: nobody can have signed this.
        if (jose::verify(*parsed, keys)) std::abort();
        static_cast<void>(jose::read_claims(parsed->payload));
    }
    if (const auto claimed = jose::read_claims(text)) {
        static_cast<void>(jose::check_times(*claimed, base::wall_time{}, {}));
        const std::string token = signer.token("EdDSA", "k", text);
        const auto parsed = jose::parse_jws(token);
        if (parsed && (parsed->payload != text || !jose::verify(*parsed, keys))) std::abort();
        if (parsed && size > 0) {
            std::string changed = token;
            changed[data[0] % changed.size()] = char(data[size - 1]);
            const auto other = jose::parse_jws(changed);
            if (changed != token && other && jose::verify(*other, keys)) std::abort();
        }
    }
    return 0;
}
