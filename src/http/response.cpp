#include "http/response.hpp"

#include <algorithm>
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

namespace {

char* put(char* at, std::string_view text) {
    return std::copy(text.begin(), text.end(), at);
}

char* put(char* at, std::size_t number) {
    return std::to_chars(at, at + 20, number).ptr;
}

/// More than all that `write` adds to what it is given: fixed texts and two numbers.
constexpr std::size_t most_added = 192;

}  // namespace

void write(const response& answer, std::string_view date, bool keep_alive, bool head, int version,
           std::string& out) {
    const std::string_view reason =
        answer.reason.empty() ? reason_phrase(answer.status) : answer.reason;
    const std::string_view body = head ? std::string_view() : answer.body;
    // One step to a size that holds everything: appending each piece would check it each time.
    const std::size_t begin = out.size();
    out.resize(begin + most_added + reason.size() + answer.headers.size() +
               answer.more_headers.size() + date.size() + answer.server.size() + body.size());
    char* at = out.data() + begin;
    at = put(at, "HTTP/1.1 ");
    at = put(at, std::size_t(answer.status));
    at = put(at, " ");
    at = put(at, reason);
    at = put(at, "\r\n");
    at = put(at, answer.headers);
    at = put(at, answer.more_headers);
    at = put(at, "Content-Length: ");
    at = put(at, answer.body.size());
    at = put(at, "\r\nDate: ");
    at = put(at, date);
    if (!answer.server.empty()) {
        at = put(at, "\r\nServer: ");
        at = put(at, answer.server);
    }
    if (!keep_alive) {
        at = put(at, "\r\nConnection: close");
    } else if (version == 10) {
        at = put(at, "\r\nConnection: keep-alive");
    }
    at = put(at, "\r\n\r\n");
    at = put(at, body);
    out.resize(std::size_t(at - out.data()));
}

}  // namespace http
