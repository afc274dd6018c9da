#include <array>

#include "imds/responder.hpp"

namespace imds {

namespace {

constexpr std::string_view html_headers = "Content-Type: text/html\r\n";
constexpr std::string_view plain_headers = "Content-Type: text/plain\r\n";

/// The error page as captured from EC2; the line before the system id is indented by one TAB.
std::string page(unsigned status) {
    const std::string title =
        std::to_string(status) + " - " + std::string(http::reason_phrase(status));
    return "<?xml version=\"1.0\" encoding=\"iso-8859-1\"?>\n"
           "<!DOCTYPE html PUBLIC \"-//W3C//DTD XHTML 1.0 Transitional//EN\"\n"
           "\t\"http://www.w3.org/TR/xhtml1/DTD/xhtml1-transitional.dtd\">\n"
           "<html xmlns=\"http://www.w3.org/1999/xhtml\" xml:lang=\"en\" lang=\"en\">\n"
           " <head>\n"
           "  <title>" +
           title +
           "</title>\n"
           " </head>\n"
           " <body>\n"
           "  <h1>" +
           title +
           "</h1>\n"
           " </body>\n"
           "</html>\n";
}

const std::string& cached_page(unsigned status) {
    static const std::array<std::string, 4> pages = {page(400), page(401), page(404), page(503)};
    static const std::string other = page(500);
    switch (status) {
        case 400:
            return pages[0];
        case 401:
            return pages[1];
        case 404:
            return pages[2];
        case 503:
            return pages[3];
    }
    return other;
}

}  // namespace

void answer_page(unsigned status, http::response& answer) {
    answer.status = status;
    answer.headers = html_headers;
    answer.server = server_name;
    switch (status) {
        case 400:
        case 401:
        case 404:
        case 503:
            answer.body = cached_page(status);
            return;
    }
    answer.own_body(page(status));
}

void answer_line(unsigned status, std::string line, http::response& answer) {
    answer.status = status;
    answer.headers = plain_headers;
    answer.server = server_name;
    answer.own_body(std::move(line));
}

void answer_empty(unsigned status, http::response& answer) {
    answer.status = status;
    answer.headers = plain_headers;
    answer.server = server_name;
    answer.body = {};
}

void answer_unavailable(base::seconds retry_after, http::response& answer) {
    answer_page(503, answer);
    answer.more_headers =
        "Retry-After: " + std::to_string(std::max<long>(1, retry_after.count())) + "\r\n";
}

}  // namespace imds
