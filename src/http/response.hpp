#pragma once

#include <string>
#include <string_view>

namespace http {

/// An answer as plain data. Views are borrowed: they point to constants, to an immutable snapshot
/// that the connection keeps alive, or to `storage`. One object serves all answers of a connection
/// in turn; `clear` keeps the capacity.
struct response {
    unsigned status = 200;
    std::string_view reason;   ///< empty: the standard phrase of the status
    std::string_view headers;  ///< complete lines, each ending in CRLF; without Content-Length,
                               ///< Date, Server and Connection, which the writer adds
    std::string more_headers;  ///< the same, made for this answer
    std::string_view server;   ///< value of `Server`; empty: none
    std::string_view body;
    std::string storage;  ///< backing of `body` when it was made for this answer
    bool close = false;   ///< close the connection after this answer

    void clear();
    /// Takes ownership of a body made for this answer.
    void own_body(std::string text) {
        storage = std::move(text);
        body = storage;
    }
};

/// Standard reason phrase, "Unknown" where there is none.
std::string_view reason_phrase(unsigned status);

/// Appends the answer to `out`: status line, headers, Content-Length, Date, Server, Connection,
/// body. `date` is an IMF-fixdate. `head`: the body is left out but counted (RFC 9110 §9.3.2).
/// `version`: 10 or 11, the client's; for 1.0 a kept connection says so.
void write(const response& answer, std::string_view date, bool keep_alive, bool head, int version,
           std::string& out);

}  // namespace http
