#pragma once

#include <chrono>
#include <list>
#include <memory>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include "base/clock.hpp"
#include "base/random.hpp"
#include "handler/hand_out_ledger.hpp"
#include "handler/serving.hpp"
#include "workload/directory.hpp"
#include "workload/peer_inspector.hpp"

namespace handler {

/// What the services of a worker need from outside; all of it outlives the worker.
struct worker_dependencies {
    boost::asio::io_context& context;  ///< the worker's
    const base::clock& clock;
    base::random& random;
    workload::peer_inspector& inspector;  ///< the worker's own
    workload::directory& names;           ///< shared
    hand_out_ledger& ledger;              ///< shared
    counters& count;                      ///< the worker's own
    /// The longest that a first caller waits for the first credentials: one SDK gives up at 500 ms.
    base::milliseconds first_wait{400};
};

/// What the services of one worker share: the configuration in force and what can be handed out
/// now. Used on the worker's thread only.
class worker_state {
public:
    explicit worker_state(worker_dependencies needs) : needs_(needs) {}

    /// A generation with the states known for it. Open connections decide anew when it is another
    /// one; the same generation again changes what is served, not who gets it.
    void install(std::shared_ptr<const serving> next, profile_states states);
    /// One profile's new state. Ignored when it is of another generation.
    void publish(std::uint64_t generation, std::size_t profile, profile_state state);

    const worker_dependencies& needs() const { return needs_; }
    /// Null until the first `install`.
    const std::shared_ptr<const serving>& current() const { return current_; }
    const profile_state& state_of(std::size_t profile) const { return states_[profile]; }

    /// Something else has changed that a caller may wait for (an issuer's keys).
    void wake() { wake_waiting(); }

    /// Returns when something was installed or published, at a `wake`, or at `end`.
    boost::asio::awaitable<void> wait_for_news(base::boot_time end);

private:
    void wake_waiting();

    worker_dependencies needs_;
    std::shared_ptr<const serving> current_;
    profile_states states_;
    std::list<boost::asio::steady_timer*> waiting_;
};

/// One writer, many readers: a plain increment without a locked instruction.
inline void add(std::atomic<std::uint64_t>& counter) {
    counter.store(counter.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
}

}  // namespace handler
