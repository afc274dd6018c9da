#include <cstdint>
#include <cstdlib>
#include <string>

#include "imds/session_token.hpp"
#include "support/counting_random.hpp"

/// No text that was not issued is ever accepted, and an issued one is good for its subject alone.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const imds::token_authority tokens("a persisted secret of 32 bytes..", "boot");
    const base::boot_time now{base::seconds(1000)};
    std::string text(reinterpret_cast<const char*>(data), size);
    // Nothing is ever issued to this subject: the fuzzer learns issued tokens by watching compares.
    if (tokens.verify(text, now, "u3")) std::abort();

    support::counting_random random;
    const std::string good = tokens.issue(base::seconds(60), now, "u1", random);
    if (!tokens.verify(good, now, "u1")) std::abort();
    if (tokens.verify(good, now, "u2")) std::abort();
    if (size >= 2) {
        std::string changed = good;
        changed[data[0] % changed.size()] = char(data[1]);
        if (changed != good && tokens.verify(changed, now, "u1")) std::abort();
    }
    return 0;
}
