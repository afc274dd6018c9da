#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "sts/issuer.hpp"

namespace iam {

/// When something was used for the last time, and for what.
struct last_use {
    base::wall_time at{};
    std::string service;  ///< "sts", "iam"
    std::string region;
};

/// The last use of each long-term access key (by its id) and of each role (by its unique id), as
/// GetAccessKeyLastUsed tells it. Thread-safe. Keeps nothing durably itself: whoever does takes
/// what is new from time to time, and restores it at the start.
class key_usage {
public:
    /// For sts::issuer_surroundings::used.
    void note(const sts::credential_use& use);

    /// By access key id or a role's unique id.
    std::optional<last_use> of(std::string_view id) const;

    /// What was noted since the last time. It stays known.
    using uses = std::vector<std::pair<std::string, last_use>>;
    uses take();
    /// Of an earlier life or another replica; a later use that is known already stays. Is not
    /// taken again.
    void restore(const uses& earlier);
    /// Of what was deleted.
    void forget(std::string_view id);

private:
    struct entry {
        last_use use;
        bool is_new = false;
    };
    mutable std::mutex mutex_;
    std::map<std::string, entry, std::less<>> entries_;
};

}  // namespace iam
