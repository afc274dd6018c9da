#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "handler/serving.hpp"
#include "pod_identity/options.hpp"

namespace daemon_ {

/// The clusters whose pods are served, and the keepers of their keys over reloads. Used on the
/// control thread.
class pod_clusters {
public:
    /// `changed` is called on a keeper's thread.
    pod_clusters(const base::clock& clock, std::function<void()> changed)
        : clock_(clock), changed_(std::move(changed)) {}
    ~pod_clusters() { stop(); }
    pod_clusters(const pod_clusters&) = delete;
    pod_clusters& operator=(const pod_clusters&) = delete;

    /// What a configuration means for the workers; null when it has no clusters. A cluster whose
    /// keys are at the same place keeps them and its keeper; they are read again in any case.
    std::shared_ptr<const handler::pod_serving> serve(const pod_identity::options& configured);

    /// Writes to the log what has changed with the keys since the last time.
    void report();

    /// Ends the keepers' threads; nothing is called afterwards.
    void stop();

private:
    struct kept {
        std::string cluster;
        pod_identity::key_place place;
        std::shared_ptr<net::key_keeper> keeper;
        std::shared_ptr<const jose::jwk_set> reported;
        std::string reported_failure;
    };
    std::shared_ptr<net::key_keeper> make_keeper(const pod_identity::key_place& place);

    const base::clock& clock_;
    const std::function<void()> changed_;
    std::vector<kept> kept_;
};

}  // namespace daemon_
