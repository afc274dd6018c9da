#include "http/target.hpp"

#include "http/request.hpp"

namespace http {

namespace {

bool is_path_character(char c) {
    return c > 0x20 && c < 0x7f && c != '#';
}

int hex_value(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

/// Appends the decoded segment; false when it must not name anything: a broken escape, an encoded
/// slash (it would change the path's shape) or NUL.
bool decode_segment(std::string_view raw, std::string& out) {
    for (std::size_t i = 0; i < raw.size(); ++i) {
        if (raw[i] != '%') {
            out.push_back(raw[i]);
            continue;
        }
        if (i + 2 >= raw.size()) return false;
        const int high = hex_value(raw[i + 1]);
        const int low = hex_value(raw[i + 2]);
        if (high < 0 || low < 0) return false;
        const char c = char(high * 16 + low);
        if (c == '/' || c == '\0') return false;
        out.push_back(c);
        i += 2;
    }
    return true;
}

}  // namespace

base::result<target_parts> split_target(std::string_view target) {
    for (const char c : target) {
        if (!is_path_character(c))
            return base::invalid("the request target has a forbidden character");
    }
    target_parts parts;
    if (target.empty()) return base::invalid("the request target is empty");
    if (target[0] != '/') {
        const auto scheme_end = target.find("://");
        if (scheme_end == std::string_view::npos) {
            return base::invalid("the request target must be a path or an http URL");
        }
        const auto scheme = target.substr(0, scheme_end);
        if (!equal_ignoring_case(scheme, "http") && !equal_ignoring_case(scheme, "https")) {
            return base::invalid("the request target must be a path or an http URL");
        }
        target.remove_prefix(scheme_end + 3);
        const auto end = target.find_first_of("/?");
        parts.authority = target.substr(0, end);
        if (parts.authority.empty()) return base::invalid("the request target names no host");
        target = end == std::string_view::npos ? std::string_view() : target.substr(end);
    }
    const auto query = target.find('?');
    parts.path = target.substr(0, query);
    if (parts.path.empty()) parts.path = "/";
    if (query != std::string_view::npos) {
        parts.query = target.substr(query + 1);
        parts.has_query = true;
    }
    return parts;
}

void split_path(std::string_view raw_path, path_segments& out) {
    out.size = 0;
    out.unroutable = false;
    out.decoded.clear();
    out.decoded.reserve(raw_path.size());  // the views below point into it: it must not move
    out.trailing_slash = raw_path.size() > 1 && raw_path.back() == '/';
    std::size_t at = 0;
    while (at < raw_path.size()) {
        if (raw_path[at] == '/') {
            ++at;
            continue;
        }
        auto end = raw_path.find('/', at);
        if (end == std::string_view::npos) end = raw_path.size();
        std::string_view segment = raw_path.substr(at, end - at);
        at = end;
        if (segment.find('%') != std::string_view::npos) {
            const std::size_t start = out.decoded.size();
            if (!decode_segment(segment, out.decoded)) {
                out.unroutable = true;
                return;
            }
            segment = std::string_view(out.decoded).substr(start);
        }
        if (segment == "." || segment == ".." || out.size == path_segments::max_depth) {
            out.unroutable = true;
            return;
        }
        out.segment[out.size++] = segment;
    }
}

std::string path_text(const path_segments& path) {
    std::string text;
    for (std::size_t i = 0; i < path.size; ++i)
        text.append("/").append(path.segment[i]);
    if (path.trailing_slash || text.empty()) text += '/';
    return text;
}

base::result<host_port> split_host(std::string_view text) {
    const auto bad = [] { return base::invalid("not a host name with an optional port"); };
    host_port parts;
    if (text.substr(0, 1) == "[") {
        const auto close = text.find(']');
        if (close == std::string_view::npos) return bad();
        parts.host = text.substr(1, close - 1);
        text.remove_prefix(close + 1);
        if (!text.empty() && text[0] != ':') return bad();
        if (!text.empty()) parts.port = text.substr(1);
        if (!text.empty() && parts.port.empty()) return bad();
    } else {
        const auto colon = text.find(':');
        parts.host = text.substr(0, colon);
        if (colon != std::string_view::npos) {
            parts.port = text.substr(colon + 1);
            if (parts.port.empty()) return bad();
        }
    }
    if (parts.host.empty() || parts.port.size() > 5) return bad();
    for (const char c : parts.port) {
        if (c < '0' || c > '9') return bad();
    }
    return parts;
}

}  // namespace http
