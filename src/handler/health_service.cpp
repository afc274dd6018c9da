#include "handler/health_service.hpp"

#include "http/target.hpp"
#include "pod_identity/answers.hpp"

namespace handler {

namespace {

/// What keeps the service from serving; empty: nothing.
std::string missing(const worker_state& worker) {
    const auto& pods = worker.current()->pods;
    if (!pods) return {};
    for (std::size_t i = 0; i < pods->keys.size(); ++i) {
        if (!pods->keys[i]->keys())
            return "the keys of cluster " + pods->table.clusters()[i].name + " are not at hand";
    }
    return {};
}

class probe final : public net::conversation {
public:
    explicit probe(worker_state& worker) : worker_(worker) {}

    bool wants_prepare() const override { return false; }
    boost::asio::awaitable<void> prepare() override { co_return; }
    boost::asio::awaitable<void> wait() override { co_return; }

    net::action respond(const http::request& request, http::response& answer) override {
        const auto target = http::split_target(request.target);
        const std::string_view path = target ? target->path : std::string_view();
        if (path == "/healthz") {
            pod_identity::answer_healthy(answer);
        } else if (path == "/readyz") {
            std::string what = missing(worker_);
            if (what.empty()) {
                pod_identity::answer_healthy(answer);
            } else {
                pod_identity::answer_error(500, std::move(what), answer);
            }
        } else {
            pod_identity::answer_not_found(answer);
        }
        return {};
    }

    void refuse(http::response& answer) override { pod_identity::answer_unparsed(answer); }

    std::uint64_t peer_key() const override { return 0; }

private:
    worker_state& worker_;
};

}  // namespace

std::unique_ptr<net::conversation> health_service::open(const net::connection_info&) {
    if (!worker_.current()) return nullptr;
    return std::make_unique<probe>(worker_);
}

}  // namespace handler
