#pragma once

#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/random.hpp"
#include "daemon/key_ring_place.hpp"
#include "sts/session/wrapping_key.hpp"

namespace daemon_ {

inline constexpr const char* key_ring_file_name = "issuer-keys.json";

/// The wrapped ring in the file "issuer-keys.json" of the state directory, for this daemon alone.
class key_ring_file final : public key_ring_place {
public:
    /// Makes the ring at the first start. One that was kept unwrapped, as the first version did, is
    /// wrapped; only before the state directory has its automatic wrapping key, though: afterwards
    /// an unwrapped ring is one that somebody put there. A ring that does not open is an error: a
    /// new one would end every session there is.
    static base::result<std::unique_ptr<key_ring_file>> open(
        const std::string& state_directory, const std::vector<sts::wrapping_key_source>& wrapped_by,
        const base::clock& clock, base::random& random);

    const std::shared_ptr<const sts::key_ring>& ring() const { return ring_; }
    /// The keys that it was opened with, copied.
    std::vector<sts::wrapping_key> wrapping_keys() const;

    base::result<std::shared_ptr<const sts::key_ring>> change(const ring_change& what) override;
    base::seconds publish_time() const override { return base::seconds(0); }
    /// There are none: the configuration defines the users of this daemon, and its files keep their
    /// secrets.
    bool seals_nothing(std::uint16_t) const override { return true; }
    base::result<std::size_t> reseal() override { return std::size_t(0); }

private:
    key_ring_file(std::string path, std::vector<sts::wrapping_key> keys, base::random& random);
    base::result<void> keep(sts::key_ring ring);

    const std::string path_;
    const std::vector<sts::wrapping_key> keys_;  ///< the first one wraps
    base::random& random_;
    std::shared_ptr<const sts::key_ring> ring_;
};

}  // namespace daemon_
