// Whatever a key ring's text holds, plain or wrapped: it is refused, or it is a ring that can seal
// for every purpose and survives being written, wrapped and read again.
#include "sts/session/key_ring.hpp"

#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "sts/session/key_schedule.hpp"
#include "sts/session/wrapped_ring.hpp"
#include "support/counting_random.hpp"

namespace {

void expect(bool holds) {
    if (!holds) std::abort();
}

constexpr base::wall_time now{base::seconds(1'790'000'000)};

/// Things that must work with every ring that was accepted.
void use(const sts::key_ring& ring, std::span<const sts::wrapping_key> keys, base::random& random) {
    for (const auto what : sts::key_ring::purposes) {
        const auto sealing = ring.sealing_key(what);
        const auto opening = ring.opening_key(what, sealing.id);
        expect(opening && opening->bytes == sealing.bytes);
    }
    const auto text = ring.serialise();
    const auto again = sts::key_ring::parse(text.reveal(), now);
    expect(again && again->serialise().reveal() == text.reveal());
    const auto unwrapped = sts::unwrap_ring(sts::wrap_ring(ring, keys.front(), random), keys, now);
    expect(unwrapped && !unwrapped->rewrap &&
           unwrapped->ring.serialise().reveal() == text.reveal());

    sts::key_policy policy;
    policy.rotate_every = sts::shortest_rotation;
    policy.publish_time = base::seconds(60);
    auto next = sts::key_ring(ring);
    for (int i = 0; i < 8; ++i) {
        const auto step = sts::next_step(next, now, policy);
        if (!step || !sts::take_step(next, *step, random, step->at, policy)) break;
        const auto after = next.serialise();
        expect(sts::key_ring::parse(after.reveal(), now).has_value());
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static support::counting_random random;
    static const sts::wrapping_key keys[] = {
        sts::wrapping_key(base::secret(std::string(sts::wrapping_key::size, 'k')))};
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    if (const auto ring = sts::key_ring::parse(text, now)) use(*ring, keys, random);
    if (const auto ring = sts::unwrap_ring(text, keys, now)) use(ring->ring, keys, random);

    const auto key = sts::wrapping_key::parse(base::secret(text));
    expect(!key || key->reveal().size() == sts::wrapping_key::size);
    return 0;
}
