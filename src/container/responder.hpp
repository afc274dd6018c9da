#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "container/credential_state.hpp"
#include "container/facts.hpp"
#include "container/identifiers.hpp"
#include "http/rate_limiter.hpp"
#include "http/request.hpp"
#include "http/response.hpp"

namespace container {

/// Statistics as the container engine gives them: a container's id and its JSON document.
using statistics = std::vector<std::pair<std::string, std::string>>;

/// What has been looked up for a request about containers; absent: not asked for yet.
struct looked_up {
    /// Null inside: it was asked for, and could not be had.
    std::optional<const description*> described;
    std::optional<const statistics*> measured;
};

/// The limit of the ECS agent's server.
inline constexpr http::rate agent_rate{40, 60};

/// Everything an answer depends on.
struct request_context {
    const binding_identifiers& own;  ///< of the binding that the caller matched
    const credential_state& credentials;
    http::rate_limiter& limiter;
    std::string_view caller;       ///< what the limiter counts by
    std::string_view remote_addr;  ///< "10.0.0.7:41234", told back in a header
    base::wall_time now;
    base::boot_time boot;
    http::rate allowed = agent_rate;  ///< as the limiter has it; told in headers
};

/// What was answered, or what is missing for an answer.
struct outcome {
    enum class kind {
        answered,
        credentials_served,     ///< a document with keys is in the answer
        credentials_pending,    ///< nothing was answered: wait for the first fetch, ask again
        needs_description,      ///< nothing was answered: look it up, ask again
        needs_own_statistics,   ///< the same for the caller's container; the description is there
        needs_task_statistics,  ///< the same for all containers of the task
        unknown_id,
        bad_token,
        role_denied,
        rate_limited,
    };
    kind what = kind::answered;
};

/// The ECS agent's endpoint: credentials and task metadata. One request, one answer. Pure but for
/// the limiter. `again`: the same request once more, after something was waited for: it is not
/// counted twice. `may_wait`: false turns credentials_pending into a 503.
outcome respond(const http::request& request, const request_context& context,
                const looked_up& found, bool again, bool may_wait, http::response& answer);

/// Refusals in front of the protocol: text/plain, one line.
void answer_line(unsigned status, std::string line, http::response& answer);

}  // namespace container
