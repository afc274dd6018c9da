#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/random.hpp"
#include "sts/caller.hpp"
#include "sts/issuer.hpp"

namespace sts {

/// One call, after authentication: who, from where, when, and what decides.
struct call {
    const issuer_options& options;
    const principal_store& principals;
    const key_ring& keys;
    base::random& random;
    audit_trail& audit;
    base::wall_time now;
    caller by;
    request_origin origin;
    std::string request_id;
    std::string region;
    std::string user_agent;
    std::string host;              ///< as the client named it
    bool sessions_trusted = true;  ///< see issuer_surroundings
};

}  // namespace sts
