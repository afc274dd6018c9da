// What a stranger can send to the pod identity face: target, Host, token. A redirect stays on this
// server and cannot break out of its header; cleaning a path twice is cleaning it once; no text is
// a token of a key that has signed nothing.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "http/go_server.hpp"
#include "pod_identity/host_check.hpp"
#include "pod_identity/route.hpp"
#include "pod_identity/token.hpp"
#include "support/signing_key.hpp"

namespace {

void expect(bool holds) {
    if (!holds) std::abort();
}

bool printable(char c) {
    return c > 0x20 && c < 0x7f;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const jose::jwk_set keys =
        jose::read_jwk_set(support::signing_key::ed25519().key_set("k")).value();
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    // Target, Host and token, one a line.
    const auto first = std::min(text.find('\n'), size);
    const auto second = std::min(text.find('\n', std::min(first + 1, size)), size);
    const http::field host{
        "Host", text.substr(std::min(first + 1, size), second - std::min(first + 1, second))};
    const std::string_view token = text.substr(std::min(second + 1, size));
    http::request request;
    request.method = "GET";
    request.target = text.substr(0, first);
    request.fields = {&host, 1};

    const auto route = pod_identity::find_route(request);
    if (route.what == pod_identity::route::kind::moved) {
        expect(route.location.starts_with('/') && !route.location.starts_with("//"));
        const auto path = route.location.substr(0, route.location.find('?'));
        expect(std::all_of(path.begin(), path.end(), printable));
    }
    const std::string clean = http::go::clean_path(request.target);
    expect(clean == http::go::clean_path(clean));
    expect(clean.starts_with('/') && clean.find("//") == std::string::npos);

    if (!pod_identity::refuse_host(request, {})) {
        const auto bare = pod_identity::bare_host(host.value);
        expect(bare == pod_identity::agent_address_v4 || bare == pod_identity::agent_address_v6);
    }

    const auto read = pod_identity::read_token(token, 1, base::wall_time(base::seconds(1000)));
    if (const auto* presented = std::get_if<pod_identity::presented_token>(&read)) {
        static_cast<void>(pod_identity::read_service_account(presented->claimed));
        const auto verdict = pod_identity::verify_token(
            *presented, {"c", presented->claimed.issuer.value_or(""), {"a"}, {}}, keys);
        expect(std::holds_alternative<pod_identity::failure>(verdict.outcome));
    }
    return 0;
}
