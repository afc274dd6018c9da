#include "handler/sts_service.hpp"

#include <functional>

#include "handler/bound_caller.hpp"

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

    net::action respond(const http::request& request, http::response& answer) override {
        issuer_.respond(request, origin_, answer);
        return {};
    }

    void refuse(http::response& answer) override { issuer_.refuse(answer); }

    std::uint64_t peer_key() const override { return peer_key_; }

private:
    /// By user where that is known; else by address.
    static std::uint64_t key_of(const binding::caller& who) {
        const subject_bytes subject(who);
        std::string_view key = subject.text();
        if (key.empty() && who.address) {
            const auto& bytes = who.address->bytes();
            key = {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
        }
        return std::hash<std::string_view>{}(key);
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
