#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>

#include "base/error.hpp"
#include "sts/session/key_ring.hpp"

namespace daemon_ {

/// Where the issuer's key ring is kept.
class key_ring_place {
public:
    virtual ~key_ring_place() = default;

    /// What is done to a ring; an error leaves everything as it was.
    using ring_change = std::function<base::result<void>(sts::key_ring&)>;
    /// Applies the change to the ring as it is kept now, keeps the result and returns it. It may be
    /// applied again to another ring when somebody else was faster: it must have no other effects,
    /// and ask nothing of this place.
    virtual base::result<std::shared_ptr<const sts::key_ring>> change(const ring_change& what) = 0;

    /// How long until everybody who uses the ring knows of a change.
    virtual base::seconds publish_time() const = 0;

    /// True when no stored secret is sealed under this key of the ring (sts::key_change::resealed).
    virtual bool seals_nothing(std::uint16_t stored_secret_key) const = 0;
    /// Seals all stored secrets under the active key; how many had to be.
    virtual base::result<std::size_t> reseal() = 0;
};

}  // namespace daemon_
