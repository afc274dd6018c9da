#include "handler/serving.hpp"

#include "base/ip_address.hpp"
#include "http/target.hpp"

namespace handler {

namespace {

bool listed(std::string_view text, const listener_policy& policy) {
    const auto parts = http::split_host(text);
    if (!parts || parts->host.size() > 253) return false;
    char lower[256];
    std::size_t size = 0;
    for (const char c : parts->host)
        lower[size++] = c >= 'A' && c <= 'Z' ? char(c + 32) : c;
    const std::string_view host(lower, size);
    if (policy.hosts.find(host) != policy.hosts.end()) return true;
    // An IPv6 address has many spellings; the list has the canonical one.
    if (host.find(':') == host.npos) return false;
    const auto address = base::ip_address::parse(host);
    return address && policy.hosts.find(address->text()) != policy.hosts.end();
}

/// A URL of the host that the request is for. Clients that follow a redirect of ours name where
/// they come from (Go's net/http does); the Host is checked by itself.
bool is_own_address(std::string_view url, const http::request& request) {
    const http::field* host = request.find("Host");
    if (!host || host->value.empty()) return false;
    for (const std::string_view scheme : {"http://", "https://"}) {
        if (!http::equal_ignoring_case(url.substr(0, scheme.size()), scheme)) continue;
        url.remove_prefix(scheme.size());
        return http::equal_ignoring_case(url.substr(0, url.find_first_of("/?#")), host->value);
    }
    return false;
}

}  // namespace

bool host_allowed(const http::request& request, const listener_policy& policy) {
    const http::field* host = request.find("Host");
    if (host && !listed(host->value, policy)) return false;
    if (!request.target.empty() && request.target[0] != '/') {
        const auto target = http::split_target(request.target);
        if (target && !target->authority.empty() && !listed(target->authority, policy))
            return false;
    }
    return true;
}

bool from_browser(const http::request& request) {
    for (const http::field& f : request.fields) {
        if (http::equal_ignoring_case(f.name, "Origin") ||
            http::equal_ignoring_case(f.name.substr(0, 10), "Sec-Fetch-")) {
            return true;
        }
        if (http::equal_ignoring_case(f.name, "Referer") && !is_own_address(f.value, request))
            return true;
    }
    return false;
}

}  // namespace handler
