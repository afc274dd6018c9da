#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <boost/asio/io_context.hpp>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "net/limits.hpp"
#include "net/service.hpp"
#include "net/tls_server.hpp"

namespace net {

/// A listening socket ready to accept, and what is served on it. The worker takes the descriptor.
struct bound_listener {
    int fd = -1;
    std::string name;
    bool local_socket = false;
    /// The descriptor is shared with other workers or kept by the service manager: closing it here
    /// must not be followed by shutdown(2).
    service* serves = nullptr;
    /// Null: no TLS. Must outlive the worker.
    const tls_server* tls = nullptr;
};

/// Serves connections on one io_context, which one thread runs. Workers share nothing they write.
/// Life: construct, `listen`, run the context; from any thread `post` and `stop`.
class worker {
public:
    worker(boost::asio::io_context& context, const base::clock& clock, session_limits limits);
    ~worker();

    /// Before the context runs.
    void listen(bound_listener listener);

    /// Stops accepting, lets answers under way end, closes idle connections, and after `grace`
    /// closes the rest. The context's run() then returns by itself.
    void stop(std::chrono::milliseconds grace);

    /// New limits apply to new connections.
    void replace_limits(session_limits limits);

    struct counters {
        std::atomic<std::uint64_t> connections{0};
        std::atomic<std::uint64_t> requests{0};
        std::atomic<std::uint64_t> refused_connections{0};  ///< over a limit
        std::atomic<std::uint64_t> open{0};
        std::atomic<std::uint64_t> faults{0};  ///< sessions ended by an exception: a bug
    };
    const counters& count() const;

private:
    struct implementation;
    std::unique_ptr<implementation> self_;
};

}  // namespace net
