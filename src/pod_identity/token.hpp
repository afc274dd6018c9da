#pragma once

#include <string_view>
#include <variant>

#include "base/clock.hpp"
#include "jose/jws.hpp"
#include "jose/jwt.hpp"
#include "pod_identity/answers.hpp"
#include "pod_identity/associations.hpp"
#include "pod_identity/service_account.hpp"

namespace pod_identity {

/// Clocks of the cluster and of this host may differ by so much at the beginning of a token's life.
inline constexpr base::seconds start_leeway{30};

/// A token that looks like one and is in its time. Who signed it is not known yet.
struct presented_token {
    jose::jws signed_part;
    jose::claims claimed;
};

/// What the agent checks itself, in its order and with its texts (400). `field`: the value of
/// Authorization, `fields`: how many there are.
std::variant<presented_token, failure> read_token(std::string_view field, std::size_t fields,
                                                  base::wall_time now);

/// What the service behind the agent checks: signature, issuer, audience, and whose token it is.
/// `unknown_key`: the set lacks the key; reading it again may help.
struct verdict {
    std::variant<service_account, failure> outcome;
    bool unknown_key = false;
};
verdict verify_token(const presented_token& token, const cluster& from, const jose::jwk_set& keys);

}  // namespace pod_identity
