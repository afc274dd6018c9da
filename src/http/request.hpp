#pragma once

#include <cstddef>
#include <span>
#include <string_view>

namespace http {

/// One header line as received: the value is trimmed (RFC 9110 §5.5), the name keeps its case.
struct field {
    std::string_view name;
    std::string_view value;
};

/// A request as plain data. All views point into the connection's buffer and live until the answer
/// has been made.
struct request {
    std::string_view method;  ///< "GET", as sent (methods are case-sensitive)
    std::string_view target;  ///< as sent; may be absolute-form
    int version = 11;         ///< 10 or 11
    bool keep_alive = true;   ///< what the client asked for
    std::span<const field> fields;
    std::string_view body;

    /// First field of that name (ASCII case-insensitive), or nullptr.
    const field* find(std::string_view name) const;
    std::size_t count(std::string_view name) const;
};

bool equal_ignoring_case(std::string_view a, std::string_view b);

}  // namespace http
