#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/ip_address.hpp"
#include "container/engine_documents.hpp"
#include "container/responder.hpp"

namespace workload {

/// How a caller's container is recognised.
struct container_query {
    /// Of a local caller. A user may name cgroups as containers are named; so the container's first
    /// process must be in the same one.
    std::optional<std::string> cgroup;
    std::optional<base::ip_address> address;  ///< of a caller in another network namespace
    std::string asker;  ///< who asks, as bytes: what takes one caller's share of the queue
};

/// What an engine says about a caller.
struct found_containers {
    enum class outcome {
        none,  ///< the caller is in no container of this engine
        found,
        failed,  ///< the engine did not answer, or not understandably
    };
    outcome what = outcome::none;
    std::string own;                                       ///< id of the caller's container
    std::vector<container::engine::inspected> containers;  ///< of its task, itself among them
};

/// A Docker or Podman service. Looking up takes milliseconds to seconds and so happens on threads
/// of its own; answers are remembered for a short time, and what is asked while the
/// same is on its way brings no second call. Thread-safe.
class container_engine {
public:
    virtual ~container_engine() = default;
    /// The caller's container and those of the same task: of the same compose project, or sharing
    /// one container's network, as the containers of a pod do. `done` is called once, on a thread
    /// of the engine or, when too many wait, at once; it must not throw.
    virtual void find(container_query who,
                      std::function<void(std::shared_ptr<const found_containers>)> done) = 0;
    /// The statistics of these containers; those that cannot be had are missing. Null when none.
    /// `asker`: as in the query.
    virtual void measure(
        std::string asker, std::vector<std::string> ids,
        std::function<void(std::shared_ptr<const container::statistics>)> done) = 0;
};

struct container_engine_options {
    std::string socket;                     ///< path of the engine's unix socket
    base::milliseconds call_time{3000};     ///< for one call of the API
    std::size_t threads = 8;                ///< Docker takes a second to measure
    std::size_t waiting = 256;              ///< questions queued; beyond: failed
    std::size_t waiting_of_one = 64;        ///< of them, one asker's; two tasks may be measured
    base::milliseconds inspect_life{2000};  ///< how long an answer is believed
    base::milliseconds list_life{1000};
    base::milliseconds statistics_life{1000};
    std::size_t remembered = 1024;            ///< containers
    std::size_t containers_of_task = 32;      ///< more are left out
    std::size_t inspected_for_network = 256;  ///< looked at to find who shares a network
};

/// GET `target` of the engine: status and body. May block.
struct engine_answer {
    unsigned status = 0;
    std::string body;
};
using engine_call = std::function<base::result<engine_answer>(const std::string& target)>;
/// The path of a process below the cgroup2 root; nothing when it cannot be told.
using cgroup_of_process = std::function<std::optional<std::string>(std::int64_t pid)>;

/// The engine behind a unix socket.
std::unique_ptr<container_engine> make_container_engine(container_engine_options options,
                                                        const base::clock& clock);
/// The same over any transport and any /proc.
std::unique_ptr<container_engine> make_container_engine(engine_call call, cgroup_of_process cgroup,
                                                        container_engine_options options,
                                                        const base::clock& clock);

}  // namespace workload
