// A key set gives keys within its limits or an error; no key that it gives accepts a signature of
// nonsense, and every key can be found by its id.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "jose/jwk.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto set = jose::read_jwk_set(text);
    if (!set) return 0;
    if (set->keys.empty() || set->keys.size() > jose::most_keys) std::abort();
    for (const jose::jwk& key : set->keys) {
        for (const auto alg :
             {jose::algorithm::rs256, jose::algorithm::ps512, jose::algorithm::es256,
              jose::algorithm::es384, jose::algorithm::es512, jose::algorithm::eddsa}) {
            if (!jose::fits(alg, key.key.type())) continue;
            if (key.kid && (!key.alg || *key.alg == alg) &&
                jose::find_key(*set, alg, key.kid) == nullptr) {
                std::abort();
            }
            // Ed25519 keys of small order accept signatures made for them; those are no nonsense.
            if (alg != jose::algorithm::eddsa &&
                jose::verify(alg, key.key, "message", std::string(64, '\x5a'))) {
                std::abort();
            }
        }
    }
    return 0;
}
