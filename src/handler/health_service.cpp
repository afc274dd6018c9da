#include "handler/health_service.hpp"

#include <algorithm>
#include <functional>

#include "http/go_server.hpp"
#include "http/target.hpp"
#include "pod_identity/answers.hpp"
#include "workload/endpoint.hpp"

namespace handler {

namespace {

/// What keeps the service from serving; empty: nothing. Which cluster it is, is nobody's business
/// here: `imdsd status` tells.
std::string_view missing(const worker_state& worker) {
    const auto& pods = worker.current()->pods;
    if (!pods) return {};
    const bool all = std::all_of(pods->keys.begin(), pods->keys.end(),
                                 [](const auto& keeper) { return keeper->keys() != nullptr; });
    return all ? std::string_view() : "the keys of a cluster are not at hand";
}

/// Connections are counted for each address: a stranger who keeps many must not keep the probes
/// out.
std::uint64_t key_of_address(int fd) {
    const auto peer = workload::peer_of(fd);
    if (!peer) return 0;
    const auto& bytes = peer->address.bytes();
    return std::hash<std::string_view>{}(
        {reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

class probe final : public net::conversation {
public:
    probe(worker_state& worker, std::uint64_t peer) : worker_(worker), peer_(peer) {}

    bool wants_prepare() const override { return false; }
    boost::asio::awaitable<void> prepare() override { co_return; }
    boost::asio::awaitable<void> wait() override { co_return; }

    net::action respond(const http::request& request, http::response& answer) override {
        const auto target = http::split_target(request.target);
        const std::string_view path = target ? target->path : std::string_view();
        if (path == "/healthz") {
            pod_identity::answer_healthy(answer);
        } else if (path == "/readyz") {
            const std::string_view what = missing(worker_);
            if (what.empty()) {
                pod_identity::answer_healthy(answer);
            } else {
                pod_identity::answer_error(500, std::string(what), answer);
            }
        } else {
            http::go::answer_not_found(answer);
        }
        return {};
    }

    void refuse(const http::request&, http::response& answer) override {
        http::go::answer_unparsed(answer);
    }

    std::uint64_t peer_key() const override { return peer_; }

private:
    worker_state& worker_;
    const std::uint64_t peer_;
};

}  // namespace

std::unique_ptr<net::conversation> health_service::open(const net::connection_info& info) {
    if (!worker_.current()) return nullptr;
    return std::make_unique<probe>(worker_, key_of_address(info.fd));
}

}  // namespace handler
