#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>

#include "base/clock.hpp"
#include "http/request.hpp"
#include "http/response.hpp"
#include "net/tls_details.hpp"

namespace net {

/// An accepted connection as a service sees it.
struct connection_info {
    int fd = -1;                ///< for look-ups (sock_diag, SO_PEERCRED); not for I/O
    std::string_view listener;  ///< name in the configuration
    bool local_socket = false;  ///< AF_UNIX
    bool over_ipv6 = false;     ///< not for IPv4 clients of a socket for both
    bool over_tls = false;
};

/// What the session does with the answer that the conversation has filled in.
struct action {
    enum class kind {
        send,
        wait,   ///< await `conversation::wait`, then call `respond` again with the same request
        reset,  ///< close with RST, send nothing
        drop,   ///< send nothing, and keep the connection until the client leaves
    };
    kind what = kind::send;
    /// IP TTL / IPv6 hop limit for this answer only (IMDSv2, PUT response); 0: the host's default.
    int hop_limit = 0;
    /// send: the answer is held back for so long.
    base::milliseconds delay{0};
    /// send: the connection ends after so many bytes of the body, whatever Content-Length says.
    std::size_t most_body = std::string_view::npos;
};

/// One connection's talk with a service. Used by one thread.
class conversation {
public:
    virtual ~conversation() = default;
    /// Once, before the first request is read: what needs waiting at accept time.
    virtual boost::asio::awaitable<void> prepare() = 0;
    /// True: `prepare` has something to wait for (it is skipped otherwise).
    virtual bool wants_prepare() const = 0;
    /// Over TLS, before the requests of the connection.
    virtual void secured(const tls_details&) {}
    /// Answers; called with complete requests only, in order.
    virtual action respond(const http::request& request, http::response& answer) = 0;
    virtual boost::asio::awaitable<void> wait() = 0;
    /// A request that the HTTP parser refused; `answer` holds status and reason. A service adds its
    /// headers (Server: EC2ws) and body. `read`: what could be read of the request, perhaps
    /// nothing.
    virtual void refuse(const http::request& read, http::response& answer) = 0;
    /// Connections are counted against `session_limits::per_peer` by this key.
    virtual std::uint64_t peer_key() const = 0;
};

/// What a listener serves. One object for each worker thread.
class service {
public:
    virtual ~service() = default;
    /// Called right after accept. Null: close at once.
    virtual std::unique_ptr<conversation> open(const connection_info& info) = 0;
    /// Keep request bodies (up to the limit), or drain and drop them.
    virtual bool wants_bodies() const = 0;
};

}  // namespace net
