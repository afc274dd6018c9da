#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "http/request.hpp"

namespace http {

/// Named limits of one request.
struct request_limits {
    std::size_t header_bytes = 16 * 1024;  ///< request line and header fields; more is 431
    std::size_t fields = 64;               ///< more is 431
    std::size_t target_bytes = 4 * 1024;   ///< more is 414
    std::size_t body_bytes = 64 * 1024;    ///< after de-chunking; more is 413
    bool refuse_expect = false;            ///< answer any Expect with 417, as EC2 does
};

/// Incremental HTTP/1.x request parser: bytes in, request out; no I/O. One object parses the
/// requests of a connection one after the other.
///
/// The caller keeps the request's bytes at the start of one contiguous buffer:
///   - until `header_complete()`, call `feed(all bytes so far)` whenever more have come; only empty
///     lines before the request are consumed meanwhile, and are not given again;
///   - after that, call `feed(bytes not yet consumed)`: what was not consumed comes first again.
///     Body bytes are copied (or dropped, when `keep_body` is false), so the caller may reuse the
///     space of what was consumed.
/// The views of `current()` point into the header block, which must stay in place.
class request_parser {
public:
    enum class state { need_more, complete, failed };

    explicit request_parser(request_limits limits, bool keep_body);
    ~request_parser();
    request_parser(request_parser&&) noexcept;

    struct progress {
        state status;
        std::size_t consumed;  ///< bytes of the input that belong to this request and are done with
    };
    progress feed(std::string_view bytes);

    bool header_complete() const;
    /// The client waits for `100 Continue` before it sends the body. True once.
    bool take_expect_continue();
    /// Valid once complete. Before, and after state::failed: what was read of the request, with the
    /// fields that came before what was wrong; perhaps nothing.
    const request& current() const;
    /// After state::failed: the status to answer (400, 413, 414, 417, 431, 501, 505), the
    /// connection then closes, and one line on what was wrong.
    unsigned failure_status() const;
    std::string_view failure_reason() const;
    /// What the body so far takes up.
    std::size_t body_memory() const;
    /// Ready for the next request of the connection. A large body's memory is given back.
    void reset();

private:
    struct implementation;
    std::unique_ptr<implementation> self_;
};

}  // namespace http
