#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "net/client_socket.hpp"

namespace net {

/// TLS over a connected socket: version 1.2 or later, certificate and host verified.
class tls_client {
public:
    /// `ca_file`: see client_options.
    static base::result<tls_client> handshake(client_socket& socket, const std::string& host,
                                              const std::string& ca_file, const patience& wait);

    tls_client(tls_client&&) noexcept;
    tls_client& operator=(tls_client&&) = delete;
    ~tls_client();

    base::result<void> send(std::string_view bytes, const patience& wait);
    /// Appends what has come; 0: the peer has closed with an alert. A connection that ends without
    /// one is an error: who cut it could choose where.
    base::result<std::size_t> receive(std::string& into, const patience& wait);

private:
    struct state;
    explicit tls_client(std::unique_ptr<state> made);

    std::unique_ptr<state> self_;
};

}  // namespace net
