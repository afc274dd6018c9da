#include "pod_identity/host_check.hpp"

#include <algorithm>

#include "http/target.hpp"

namespace pod_identity {

namespace {

bool known(std::string_view host, const std::vector<std::string>& more) {
    return host == agent_address_v4 || host == agent_address_v6 ||
           std::find(more.begin(), more.end(), host) != more.end();
}

}  // namespace

std::string_view bare_host(std::string_view host) {
    // Go's net.SplitHostPort takes "host:port" and "[host]:port"; anything else stays as it is.
    const auto colon = host.rfind(':');
    if (colon != host.npos) {
        const std::string_view before = host.substr(0, colon);
        const bool bracketed = before.size() > 1 && before.front() == '[' && before.back() == ']';
        if (bracketed || before.find_first_of(":[]") == before.npos) host = before;
    }
    if (host.size() > 1 && host.front() == '[' && host.back() == ']')
        host = host.substr(1, host.size() - 2);
    return host;
}

std::optional<std::string> refuse_host(const http::request& request,
                                       const std::vector<std::string>& more) {
    const http::field* field = request.find("Host");
    std::string_view host = bare_host(field ? field->value : std::string_view());
    if (!request.target.empty() && request.target.front() != '/') {
        const auto target = http::split_target(request.target);
        if (target && !target->authority.empty() && !known(bare_host(target->authority), more)) {
            host = bare_host(target->authority);
        }
    }
    if (known(host, more) && request.count("Host") == 1) return std::nullopt;
    std::string list = std::string(agent_address_v4) + " " + std::string(agent_address_v6);
    for (const std::string& one : more)
        list += " " + one;
    return "Access Denied. Called agent through invalid address, please use either [" + list +
           "] address not " + std::string(host);
}

}  // namespace pod_identity
