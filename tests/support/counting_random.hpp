#pragma once

#include <atomic>
#include <cstdint>

#include "base/random.hpp"

namespace support {

/// Deterministic bytes that never repeat within a test: a mixed counter.
class counting_random final : public base::random {
public:
    void fill(std::span<std::byte> out) override {
        for (std::byte& b : out) {
            std::uint64_t x = ++count_ * 0x9e3779b97f4a7c15u;
            x ^= x >> 29;
            b = std::byte(x >> 16);
        }
    }

private:
    std::atomic<std::uint64_t> count_{0};
};

}  // namespace support
