#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "jose/jwk.hpp"
#include "pod_identity/service_account.hpp"
#include "workload/bounded_cache.hpp"

namespace handler {

/// Service account tokens that one worker has verified, by their SHA-256: a pod asks with the same
/// token again and again. What was verified holds for one configuration, one set of keys and the
/// token's life.
class verified_tokens {
public:
    struct entry {
        std::uint64_t generation = 0;
        std::size_t cluster = 0;
        std::shared_ptr<const jose::jwk_set> keys;
        base::wall_time expires{};
        pod_identity::service_account account;
    };

    explicit verified_tokens(std::size_t most) : cache_(most) {}

    void put(std::string_view token, entry verified);
    /// Null when it is not known or no longer in its time. The caller compares generation and keys.
    const entry* find(std::string_view token, base::wall_time now);

private:
    workload::bounded_cache<std::string, entry> cache_;
};

}  // namespace handler
