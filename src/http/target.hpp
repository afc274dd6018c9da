#pragma once

#include <array>
#include <string>
#include <string_view>

#include "base/error.hpp"

namespace http {

/// The parts of a request target (RFC 9112 §3.2). Views into the target as received.
struct target_parts {
    std::string_view authority;  ///< of the absolute form, else empty
    std::string_view path;       ///< raw, starts with '/' (an empty path is "/")
    std::string_view query;      ///< raw, without '?'
    bool has_query = false;
};

/// Splits origin-form and absolute-form targets. asterisk-form and authority-form, controls, spaces
/// and fragments are errors.
base::result<target_parts> split_target(std::string_view target);

/// A path as segments: split on raw '/', runs of slashes collapsed, each segment percent-decoded
/// once. `%2F` and `%00` in a segment, '.' and '..' (encoded or not), and more than max_depth
/// segments make the path `unroutable`: it names nothing.
struct path_segments {
    static constexpr std::size_t max_depth = 16;
    std::array<std::string_view, max_depth> segment{};
    std::size_t size = 0;
    bool trailing_slash = false;
    bool unroutable = false;
    std::string decoded;  ///< backing of segments that were percent-encoded
};
/// `out` is reused between calls and keeps its capacity.
void split_path(std::string_view raw_path, path_segments& out);
/// "/latest/meta-data/": the path without repeated slashes and percent signs.
std::string path_text(const path_segments& path);

/// Host[:port] as in a Host header or an authority. IPv6 literals keep their brackets off.
struct host_port {
    std::string_view host;
    std::string_view port;  ///< empty when absent
};
base::result<host_port> split_host(std::string_view text);

}  // namespace http
