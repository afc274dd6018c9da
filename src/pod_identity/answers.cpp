#include "pod_identity/answers.hpp"

#include "base/time_text.hpp"
#include "encoding/json.hpp"

namespace pod_identity {

namespace {

constexpr std::string_view error_headers =
    "Content-Type: text/plain; charset=utf-8\r\nX-Content-Type-Options: nosniff\r\n";
constexpr std::string_view json_headers = "Content-Type: application/json\r\n";
constexpr std::string_view page_headers = "Content-Type: text/html; charset=utf-8\r\n";

/// Go's html.EscapeString as http.Redirect uses it.
std::string html(std::string_view text) {
    std::string out;
    for (const char c : text) {
        switch (c) {
            case '&':
                out += "&amp;";
                break;
            case '<':
                out += "&lt;";
                break;
            case '>':
                out += "&gt;";
                break;
            case '"':
                out += "&#34;";
                break;
            case '\'':
                out += "&#39;";
                break;
            default:
                out += c;
        }
    }
    return out;
}

}  // namespace

std::string failure::text(std::string_view request_id) const {
    if (code.empty()) return message;
    return "[" + std::string(request_id) + "]: (" + code + "): " + message +
           ", fault: " + (status >= 500 ? "server" : "client");
}

failure invalid_token(std::string message) {
    return {400, "InvalidTokenException", std::move(message)};
}
failure access_denied(std::string message) {
    return {400, "AccessDeniedException", std::move(message)};
}
failure no_association(std::string message) {
    return {404, "ResourceNotFoundException", std::move(message)};
}
failure service_unavailable(std::string message) {
    return {503, "ServiceUnavailableException", std::move(message)};
}

void answer_error(unsigned status, std::string text, http::response& answer) {
    answer.status = status;
    answer.headers = error_headers;
    answer.own_body(std::move(text) + "\n");
}

void answer_moved(std::string_view location, std::string_view method, http::response& answer) {
    answer.status = 301;
    answer.more_headers.append("Location: ").append(location).append("\r\n");
    if (method != "GET" && method != "HEAD") return;
    answer.headers = page_headers;
    answer.own_body("<a href=\"" + html(location) + "\">Moved Permanently</a>.\n\n");
}

void answer_healthy(http::response& answer) {
    answer.status = 200;
}

std::string credential_document(const aws::credentials& credentials, std::string_view account) {
    constexpr std::size_t names_and_times = 256;
    std::string out;
    // No growing on the way, and no parts left behind: they would be copies of the secrets.
    out.reserve(names_and_times + credentials.access_key_id.size() + account.size() +
                credentials.secret_access_key.size() + credentials.session_token.size());
    const auto member = [&out](std::string_view before, std::string_view value) {
        std::string quoted = encoding::json_quoted(value);
        out.append(before).append(quoted);
        base::wipe(quoted.data(), quoted.size());
    };
    member("{\"AccessKeyId\":", credentials.access_key_id);
    member(",\"SecretAccessKey\":", credentials.secret_access_key.reveal());
    member(",\"Token\":", credentials.session_token.reveal());
    member(",\"AccountId\":", account);
    member(",\"Expiration\":", base::iso8601(credentials.expiration));
    out += '}';
    return out;
}

void answer_credentials(std::string document, http::response& answer) {
    answer.status = 200;
    answer.headers = json_headers;
    answer.own_body(std::move(document));
}

}  // namespace pod_identity
