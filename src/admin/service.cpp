#include "admin/service.hpp"

#include <utility>

#include "admin/peer_identity.hpp"

namespace admin {

namespace {

class admin_conversation final : public net::conversation {
public:
    admin_conversation(const router& routes, identified_peer peer)
        : routes_(routes), peer_(std::move(peer)) {}

    boost::asio::awaitable<void> prepare() override { co_return; }
    bool wants_prepare() const override { return false; }

    net::action respond(const http::request& request, http::response& answer) override {
        routes_.respond(peer_, request, answer);
        return {};
    }

    boost::asio::awaitable<void> wait() override { co_return; }

    void refuse(const http::request&, http::response& answer) override {
        // `reason` may borrow from storage that the error's text is about to replace.
        const std::string reason(answer.reason.empty() ? http::reason_phrase(answer.status)
                                                       : answer.reason);
        answer.reason = {};
        answer_error(answer, answer.status, "BadRequest", reason);
    }

    std::uint64_t peer_key() const override { return peer_.who.uid; }

private:
    const router& routes_;
    identified_peer peer_;
};

class admin_service final : public net::service {
public:
    admin_service(daemon_control& daemon, options chosen) : routes_(daemon, std::move(chosen)) {}

    std::unique_ptr<net::conversation> open(const net::connection_info& info) override {
        if (!info.local_socket) return nullptr;
        auto peer = identify(info.fd);
        if (!peer) return nullptr;
        return std::make_unique<admin_conversation>(routes_, std::move(*peer));
    }

    bool wants_bodies() const override { return true; }

private:
    router routes_;
};

}  // namespace

std::unique_ptr<net::service> make_service(daemon_control& daemon, options chosen) {
    return std::make_unique<admin_service>(daemon, std::move(chosen));
}

}  // namespace admin
