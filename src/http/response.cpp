#include "http/response.hpp"

#include <charconv>

#include "base/secret.hpp"

namespace http {

void response::clear() {
    status = 200;
    reason = {};
    headers = {};
    more_headers.clear();
    server = {};
    body = {};
    // It may have held credentials; what is served from snapshots is not in it.
    base::wipe(storage.data(), storage.size());
    storage.clear();
    close = false;
}

std::string_view reason_phrase(unsigned status) {
    switch (status) {
        case 100:
            return "Continue";
        case 200:
            return "OK";
        case 204:
            return "No Content";
        case 301:
            return "Moved Permanently";
        case 302:
            return "Found";
        case 303:
            return "See Other";
        case 304:
            return "Not Modified";
        case 307:
            return "Temporary Redirect";
        case 308:
            return "Permanent Redirect";
        case 400:
            return "Bad Request";
        case 401:
            return "Unauthorized";
        case 403:
            return "Forbidden";
        case 404:
            return "Not Found";
        case 405:
            return "Method Not Allowed";
        case 408:
            return "Request Timeout";
        case 409:
            return "Conflict";
        case 413:
            return "Content Too Large";
        case 414:
            return "URI Too Long";
        case 417:
            return "Expectation Failed";
        case 429:
            return "Too Many Requests";
        case 431:
            return "Request Header Fields Too Large";
        case 500:
            return "Internal Server Error";
        case 501:
            return "Not Implemented";
        case 502:
            return "Bad Gateway";
        case 503:
            return "Service Unavailable";
        case 504:
            return "Gateway Timeout";
        case 505:
            return "HTTP Version Not Supported";
    }
    return "Unknown";
}

void write(const response& answer, std::string_view date, bool keep_alive, bool head, int version,
           std::string& out) {
    const auto number = [&out](std::size_t value) {
        char digits[20];
        const auto end = std::to_chars(digits, digits + sizeof digits, value).ptr;
        out.append(digits, std::size_t(end - digits));
    };
    out.reserve(out.size() + 256 + answer.headers.size() + answer.more_headers.size() +
                answer.body.size());
    out.append("HTTP/1.1 ");
    number(answer.status);
    out.push_back(' ');
    out.append(answer.reason.empty() ? reason_phrase(answer.status) : answer.reason);
    out.append("\r\n");
    out.append(answer.headers);
    out.append(answer.more_headers);
    out.append("Content-Length: ");
    number(answer.body.size());
    out.append("\r\nDate: ");
    out.append(date);
    if (!answer.server.empty()) {
        out.append("\r\nServer: ");
        out.append(answer.server);
    }
    if (!keep_alive) {
        out.append("\r\nConnection: close");
    } else if (version == 10) {
        out.append("\r\nConnection: keep-alive");
    }
    out.append("\r\n\r\n");
    if (!head) out.append(answer.body);
}

}  // namespace http
