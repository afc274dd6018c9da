#include "http/go_server.hpp"

#include <algorithm>
#include <vector>

namespace http::go {

namespace {

/// net/url, encodePath.
bool stays(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("-_.~$&+,/:;=@").find(c) != std::string_view::npos;
}

}  // namespace

std::string clean_path(std::string_view path) {
    std::vector<std::string_view> kept;
    for (std::size_t at = 0; at <= path.size();) {
        const auto end = std::min(path.find('/', at), path.size());
        const std::string_view segment = path.substr(at, end - at);
        if (segment == "..") {
            if (!kept.empty()) kept.pop_back();
        } else if (!segment.empty() && segment != ".") {
            kept.push_back(segment);
        }
        at = end + 1;
    }
    std::string out;
    for (const std::string_view segment : kept)
        out.append("/").append(segment);
    if (out.empty() || path.ends_with('/')) out += '/';
    return out;
}

std::string escape_path(std::string_view path) {
    static constexpr char digits[] = "0123456789ABCDEF";
    std::string out;
    for (const char c : path) {
        if (stays(c)) {
            out += c;
        } else {
            const auto byte = static_cast<unsigned char>(c);
            out += '%';
            out += digits[byte >> 4];
            out += digits[byte & 15];
        }
    }
    return out;
}

void answer_not_found(response& answer) {
    answer.status = 404;
    answer.headers =
        "Content-Type: text/plain; charset=utf-8\r\nX-Content-Type-Options: nosniff\r\n";
    answer.body = "404 page not found\n";
}

void answer_unparsed(response& answer) {
    answer.headers = "Content-Type: text/plain; charset=utf-8\r\n";
    const std::string_view reason =
        answer.reason.empty() ? reason_phrase(answer.status) : answer.reason;
    answer.own_body(std::to_string(answer.status) + " " + std::string(reason));
}

}  // namespace http::go
