#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <string>

#include "base/clock.hpp"
#include "base/random.hpp"
#include "config/configuration.hpp"
#include "daemon/key_ring_file.hpp"
#include "daemon/key_ring_place.hpp"
#include "iam/key_usage.hpp"
#include "store/first_start.hpp"
#include "store/replica.hpp"
#include "sts/actions/action_table.hpp"
#include "sts/issuer.hpp"

namespace daemon_ {

/// What the issuer of this daemon knows and keeps: principals, revocations, key ring; in the store
/// that the configuration names, followed by a replica. Thread-safe once it is open.
class estate final : public key_ring_place {
public:
    /// Opens the store, which makes the issuer at the very first start; takes over the ring that
    /// was kept in the state directory before there was a store.
    static base::result<std::unique_ptr<estate>> open(const config::configuration& options,
                                                      const std::string& state_directory,
                                                      const base::clock& clock,
                                                      base::random& random);

    store::replica& replica() { return *replica_; }
    iam::key_usage& usage() { return usage_; }
    /// For the issuer: IAM at its endpoint, whether sessions can be believed, who uses what.
    sts::issuer_surroundings surroundings();

    /// From now on the issuer gets what changes, on the replica's thread, and then `on_change` is
    /// told there. Without effect after `detach`.
    void attach(std::shared_ptr<sts::issuer> issuer,
                std::function<void(const store::replica_view&)> on_change);
    void detach();
    /// Gives the issuer that is attached other options, with what is in force at this moment, which
    /// is returned. From elsewhere the replica's thread could be overtaken by something older.
    store::replica_view reconfigure(sts::issuer_options options);

    // key_ring_place
    base::result<std::shared_ptr<const sts::key_ring>> change(const ring_change& what) override;
    base::seconds publish_time() const override { return publish_time_; }
    bool seals_nothing(std::uint16_t stored_secret_key) const override;
    base::result<std::size_t> reseal() override { return replica_->reseal(); }

private:
    estate() = default;
    void take(const store::replica_view& view);
    void give(const store::replica_view& view);  ///< under the lock

    base::seconds publish_time_{0};
    /// What is known is new enough, or may be served however old it is. Logs when that changes.
    bool sessions_trusted();

    bool serve_when_stale_ = false;
    std::atomic<bool> was_current_{true};
    iam::key_usage usage_;
    std::unique_ptr<key_ring_file> ring_file_;  ///< with a store that keeps nothing
    std::mutex mutex_;                          ///< guards what the replica's thread calls
    std::shared_ptr<sts::issuer> issuer_;
    std::function<void(const store::replica_view&)> on_change_;
    std::unique_ptr<sts::api> api_;
    std::unique_ptr<store::replica> replica_;  ///< the last: its thread uses the others
};

/// `imdsd issuer admin-credentials`: reads the store beside a running daemon, as the owner of the
/// state directory when root asks.
base::result<store::administrator_key> administrator_credentials(
    const config::configuration& options, const base::clock& clock, base::random& random);

}  // namespace daemon_
