#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "http/url.hpp"
#include "net/deadline.hpp"

namespace net {

/// What one blocking exchange waits with.
struct patience {
    const deadline& until;
    const std::function<bool()>& cancelled;
};

/// A connected, non-blocking TCP socket used from one thread that may wait.
class client_socket {
public:
    /// Resolves the host and tries its addresses in turn; each gets its share of the time.
    static base::result<client_socket> open(const http::url& to, const patience& wait);

    client_socket(client_socket&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
    client_socket& operator=(client_socket&&) = delete;
    ~client_socket();

    base::result<void> send(std::string_view bytes, const patience& wait);
    /// Appends what has come; 0: the peer has closed.
    base::result<std::size_t> receive(std::string& into, const patience& wait);

private:
    explicit client_socket(int fd) : fd_(fd) {}

    int fd_;
};

}  // namespace net
