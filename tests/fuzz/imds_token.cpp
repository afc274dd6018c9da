#include "imds/session_token.hpp"
#include "support/counting_random.hpp"

#include <cstdint>
#include <cstdlib>
#include <string>

/// No text that was not issued is ever accepted, and an issued one is good for its subject alone.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const imds::token_authority tokens("a persisted secret of 32 bytes..", "boot");
    const base::boot_time now{base::seconds(1000)};
    std::string text(reinterpret_cast<const char*>(data), size);
    if (tokens.verify(text, now, "u1")) std::abort();

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
