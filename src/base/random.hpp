#pragma once

#include <cstddef>
#include <span>

namespace base {

/// Cryptographic randomness. Implementations: host::system_random (getrandom(2)) and the tests'
/// counting random. May be called from any thread.
class random {
public:
    virtual ~random() = default;
    virtual void fill(std::span<std::byte> out) = 0;
};

}  // namespace base
