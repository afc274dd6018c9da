#pragma once

#include <cstddef>
#include <memory>
#include <mutex>
#include <string_view>

#include "base/error.hpp"
#include "net/tls_details.hpp"

namespace net {

/// A certificate with its key, ready to serve TLS 1.2 and later. Immutable; any number of threads
/// may use one.
class tls_identity {
public:
    /// PEM: the certificate and behind it its intermediates; the certificate's key, not encrypted.
    /// No error holds any part of the key.
    static base::result<std::shared_ptr<const tls_identity>> make(std::string_view certificates,
                                                                  std::string_view key);
    ~tls_identity();
    tls_identity(const tls_identity&) = delete;
    tls_identity& operator=(const tls_identity&) = delete;

private:
    friend class tls_stream;
    struct state;
    explicit tls_identity(std::unique_ptr<state> made);

    std::unique_ptr<state> self_;
};

/// The server's side of TLS on one connected, non-blocking socket, which it does not own. The
/// handshake is part of the first reads.
class tls_stream {
public:
    tls_stream(std::shared_ptr<const tls_identity> identity, int fd);
    ~tls_stream();

    enum class outcome {
        moved,
        wait_read,   ///< again when the socket is readable
        wait_write,  ///< again when it is writable
        ended,       ///< closed by the peer, or not TLS as it should be
    };
    struct result {
        outcome what = outcome::ended;
        std::size_t size = 0;  ///< of what was moved
    };
    result read(char* into, std::size_t size);
    /// After wait_read or wait_write the next call must begin with the same bytes.
    result write(std::string_view bytes);
    /// After the first bytes were read.
    tls_details details() const;
    /// Tells the peer that nothing more comes, as far as the socket takes it at once.
    void close();

private:
    struct state;
    std::unique_ptr<state> self_;
};

/// What a listener serves TLS with now. Thread-safe: a reload replaces it under running workers.
class tls_server {
public:
    explicit tls_server(std::shared_ptr<const tls_identity> identity)
        : identity_(std::move(identity)) {}

    void replace(std::shared_ptr<const tls_identity> identity);
    std::unique_ptr<tls_stream> open(int fd) const;

private:
    mutable std::mutex guard_;
    std::shared_ptr<const tls_identity> identity_;
};

}  // namespace net
