#include "daemon/pod_clusters.hpp"

#include <algorithm>

#include "daemon/log.hpp"

namespace daemon_ {

std::shared_ptr<net::key_keeper> pod_clusters::make_keeper(const pod_identity::key_place& place) {
    // The reader has accepted the URL.
    net::key_fetch fetch = place.url.empty()
                               ? net::keys_from_file(place.file)
                               : net::keys_from_url(http::parse_url(place.url).value(),
                                                    place.ca_file, place.token_file, clock_);
    return std::make_shared<net::key_keeper>(std::move(fetch), jose::refresh_rules{}, clock_,
                                             changed_);
}

std::shared_ptr<const handler::pod_serving> pod_clusters::serve(
    const pod_identity::options& configured) {
    std::vector<kept> next;
    auto serving = std::make_shared<handler::pod_serving>();
    for (const pod_identity::cluster& one : configured.clusters) {
        const auto before = std::find_if(kept_.begin(), kept_.end(), [&](const kept& k) {
            return k.keeper && k.cluster == one.name && k.place == one.keys;
        });
        if (before != kept_.end()) {
            next.push_back(std::move(*before));
            before->keeper = nullptr;
            next.back().keeper->reload();
        } else {
            next.push_back({one.name, one.keys, make_keeper(one.keys), nullptr, {}});
        }
        serving->keys.push_back(next.back().keeper);
    }
    std::swap(kept_, next);
    // Those that are left over may be in the hands of workers for a moment; they read no more.
    for (const kept& gone : next) {
        if (gone.keeper) gone.keeper->stop();
    }
    if (configured.clusters.empty()) return nullptr;
    serving->table = pod_identity::association_table(configured);
    return serving;
}

void pod_clusters::report() {
    for (kept& one : kept_) {
        const net::key_keeper::state now = one.keeper->current();
        if (now.keys && now.keys != one.reported &&
            (!one.reported || !one.reported_failure.empty()))
            log::info("cluster keys read",
                      {{"cluster", one.cluster}, {"keys", std::to_string(now.keys->keys.size())}});
        if (now.keys && now.keys != one.reported &&
            (!one.reported || one.reported->left_out != now.keys->left_out)) {
            for (const std::string& reason : now.keys->left_out)
                log::warning("a cluster key is not used",
                             {{"cluster", one.cluster}, {"reason", reason}});
        }
        if (!now.failure.empty() && now.failure != one.reported_failure) {
            log::warning("cluster keys cannot be read",
                         {{"cluster", one.cluster}, {"error", now.failure}});
        }
        if (!now.keys && one.reported)
            log::error("cluster keys are too old and no longer used: pods are refused",
                       {{"cluster", one.cluster}});
        one.reported = now.keys;
        one.reported_failure = now.failure;
    }
}

void pod_clusters::stop() {
    for (const kept& one : kept_)
        one.keeper->stop();
}

}  // namespace daemon_
