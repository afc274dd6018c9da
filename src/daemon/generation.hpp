#pragma once

#include <memory>
#include <vector>

#include "config/configuration.hpp"
#include "container/identifiers.hpp"
#include "daemon/live_changes.hpp"
#include "daemon/sockets.hpp"
#include "handler/serving.hpp"
#include "iam/directory.hpp"
#include "profile/role_profile.hpp"
#include "rotation/rotator.hpp"

namespace daemon_ {

/// What one configuration means for the workers, with what was changed at run time, and with the
/// roles that instance profiles of the issuer's estate have. `listeners`
/// are those of the running daemon; some of the configuration's may have been left out. `mint`:
/// null when none of them serves the container protocols. `pods` are its clusters, null when there
/// are none.
std::shared_ptr<const handler::serving> make_serving(
    const config::configuration& configuration, const live_changes& changes,
    const iam::directory& estate, const profile::host_facts& host,
    const std::vector<open_listener>& listeners, const container::identifier_mint* mint,
    std::shared_ptr<const handler::pod_serving> pods, std::uint64_t generation,
    base::wall_time now);

/// The same generation after something was changed at run time or in the estate, or because time
/// has passed: connections keep their decisions, tokens and credentials. Null when nothing differs.
std::shared_ptr<const handler::serving> follow_changes(const handler::serving& running,
                                                       const config::configuration& configuration,
                                                       const live_changes& changes,
                                                       const iam::directory& estate,
                                                       const profile::host_facts& host,
                                                       base::wall_time now);

/// Fills in what the configuration's sources have to be asked for: whether a profile has
/// credentials of the instance itself. A profile that names no source has them from the core
/// issuer, when the configuration has it as a source.
void ask_sources(config::configuration& configuration, const source::credential_source& core);

/// What one configuration means for rotation: an entry for each profile with a role, and behind
/// these, so that no role waits for them, one for each instance with credentials of its own.
struct assignments {
    struct owner {
        std::size_t profile = 0;
        source::credential_subject subject = source::credential_subject::role;
    };
    std::vector<rotation::assignment> list;
    std::vector<owner> owners;  ///< of each entry
};
assignments make_assignments(const handler::serving& serving,
                             const std::shared_ptr<source::credential_source>& core);

/// What a reload cannot change; nothing when both agree. The text names the first difference.
std::string needs_restart(const config::configuration& running, const config::configuration& next);

}  // namespace daemon_
