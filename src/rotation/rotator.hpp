#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <boost/asio/io_context.hpp>

#include "rotation/keeper.hpp"

namespace rotation {

/// One profile to keep fresh.
struct assignment {
    std::string profile;      ///< name, for logs
    std::string fingerprint;  ///< profile::issue_fingerprint: same text = credentials may be kept
    source::credential_request request;
    std::shared_ptr<source::credential_source> from;
};

struct rotator_options {
    unsigned fetch_threads = 2;
    /// False: nothing happens by itself as time passes; only `wake` looks at the clock.
    bool timers = true;
};

/// Owns the keepers: drives them with timers on the control thread's io_context, runs fetches on
/// its own pool, and tells of every new snapshot. All calls from the control thread only.
class rotator {
public:
    /// `index` is the position in the last list given to `assign`. Called on the control thread;
    /// must not call back into the rotator.
    using on_snapshot = std::function<void(std::size_t index, std::shared_ptr<const snapshot>)>;

    rotator(boost::asio::io_context& control, const base::clock& clock, base::random& random,
            rotator_options options, on_snapshot publish);
    ~rotator();

    /// Replaces the list (start-up and reload). A fingerprint that was there before keeps its
    /// credentials and its fetch under way. Publishes a snapshot for every index.
    void assign(std::vector<assignment> list);

    /// The credentials of the last list's `index` are good no more: they are given up, and others
    /// are fetched at once.
    void renew(std::size_t index);

    /// Looks at all keepers again now: after a clock step, a resume, or in tests after time moved.
    void wake();

    /// Stops timers and waits for fetches under way (bounded by the sources' own timeouts). Nothing
    /// is published afterwards; what is still queued on the io_context does nothing.
    void stop();

    std::vector<std::pair<std::string, std::shared_ptr<const snapshot>>> status() const;

private:
    struct implementation;
    std::shared_ptr<implementation> self_;  ///< handlers that outlive it hold it weakly
};

}  // namespace rotation
