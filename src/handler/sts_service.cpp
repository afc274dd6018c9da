#include "handler/sts_service.hpp"

#include <functional>

#include "handler/bound_caller.hpp"
#include "sts/call_limiter.hpp"

namespace handler {

namespace {

class talk final : public net::conversation {
public:
    talk(sts::issuer& issuer, const binding::caller& who, bool over_tls)
        : issuer_(issuer), peer_key_(key_of(who)) {
        origin_.source = who.address;
        origin_.secure_transport = over_tls;
    }

    bool wants_prepare() const override { return false; }
    boost::asio::awaitable<void> prepare() override { co_return; }
    boost::asio::awaitable<void> wait() override { co_return; }

    void secured(const net::tls_details& agreed) override {
        origin_.tls_version = agreed.version;
        origin_.tls_cipher = agreed.cipher;
    }

    net::action respond(const http::request& request, http::response& answer) override {
        issuer_.respond(request, origin_, answer);
        return {};
    }

    void refuse(const http::request& read, http::response& answer) override {
        issuer_.refuse(read, answer);
    }

    std::uint64_t peer_key() const override { return peer_key_; }

private:
    /// By user where that is known; else by address, as calls are limited: one machine has all
    /// addresses of an IPv6 network.
    static std::uint64_t key_of(const binding::caller& who) {
        const subject_bytes subject(who);
        if (who.from == binding::caller::origin::local && who.uid)
            return std::hash<std::string_view>{}(subject.text());
        sts::request_origin origin;
        origin.source = who.address;
        return std::hash<std::string>{}(sts::limiter_key(origin));
    }

    sts::issuer& issuer_;
    sts::request_origin origin_;
    const std::uint64_t peer_key_;
};

}  // namespace

std::unique_ptr<net::conversation> sts_service::open(const net::connection_info& info) {
    return std::make_unique<talk>(issuer_, inspector_->inspect(info.fd), info.over_tls);
}

}  // namespace handler
