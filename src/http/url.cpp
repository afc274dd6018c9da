#include "http/url.hpp"

#include <algorithm>
#include <charconv>

#include "base/ip_address.hpp"

namespace http {

namespace {

constexpr std::size_t longest_name = 253;
constexpr std::size_t longest_label = 63;
constexpr std::uint16_t plain_port = 80;
constexpr std::uint16_t secure_port = 443;

char lower(char c) {
    return c >= 'A' && c <= 'Z' ? char(c + 32) : c;
}

bool is_name(std::string_view host) {
    if (host.empty() || host.size() > longest_name) return false;
    std::size_t label = 0;
    for (std::size_t i = 0; i < host.size(); ++i) {
        const char c = host[i];
        if (c == '.') {
            if (label == 0) return false;
            label = 0;
            continue;
        }
        const bool inside = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
        if (!inside || ++label > longest_label) return false;
    }
    return true;
}

/// Takes the port off the end of an authority.
bool take_port(std::string_view& authority, std::uint16_t& port) {
    const auto bracket = authority.rfind(']');
    const auto colon = authority.rfind(':');
    if (colon == authority.npos || (bracket != authority.npos && colon < bracket)) return true;
    const auto digits = authority.substr(colon + 1);
    const auto [end, failed] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
    if (failed != std::errc{} || end != digits.data() + digits.size() || port == 0) return false;
    authority = authority.substr(0, colon);
    return true;
}

bool take_host(std::string_view text, std::string& host) {
    const bool brackets = text.size() > 2 && text.front() == '[' && text.back() == ']';
    if (brackets) text = text.substr(1, text.size() - 2);
    std::transform(text.begin(), text.end(), std::back_inserter(host), lower);
    if (brackets) return host.find(':') != host.npos && base::ip_address::parse(host).has_value();
    return is_name(host);
}

}  // namespace

std::string url::authority() const {
    std::string text = host.find(':') == host.npos ? host : "[" + host + "]";
    if (port != (secure ? secure_port : plain_port)) text += ":" + std::to_string(port);
    return text;
}

base::result<url> parse_url(std::string_view text) {
    if (text.size() > longest_url) return base::invalid("a URL that is too long");
    const auto printable = [](char c) { return c > 0x20 && c < 0x7f; };
    if (!std::all_of(text.begin(), text.end(), printable))
        return base::invalid("a URL has no spaces and no control characters");
    url parsed;
    if (text.starts_with("https://")) {
        text.remove_prefix(8);
    } else if (text.starts_with("http://")) {
        text.remove_prefix(7);
        parsed.secure = false;
        parsed.port = plain_port;
    } else {
        return base::invalid("a URL starts with https:// or http://");
    }
    if (text.find('#') != text.npos) return base::invalid("a URL with a fragment");
    const auto end = text.find_first_of("/?");
    std::string_view authority = text.substr(0, end);
    parsed.target = end == text.npos ? "" : text.substr(end);
    if (parsed.target.empty() || parsed.target.front() != '/') parsed.target.insert(0, "/");
    if (authority.find('@') != authority.npos) return base::invalid("a URL with user information");
    if (!take_port(authority, parsed.port)) return base::invalid("a URL with a bad port");
    if (!take_host(authority, parsed.host)) return base::invalid("a URL with a bad host");
    return parsed;
}

}  // namespace http
