#pragma once

#include "base/random.hpp"

namespace host {

/// getrandom(2). Stateless; any thread. Ends the process when the kernel gives no randomness:
/// nothing that needs a key may go on with a guess. Early in boot it waits for the kernel's pool.
class system_random final : public base::random {
public:
    void fill(std::span<std::byte> out) override;
};

}  // namespace host
