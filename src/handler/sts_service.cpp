#include "handler/sts_service.hpp"

#include <cstring>
#include <functional>
#include <netinet/in.h>
#include <sys/socket.h>

#include "handler/bound_caller.hpp"

namespace handler {

namespace {

std::optional<base::ip_address> peer_address(int fd) {
    sockaddr_storage storage{};
    socklen_t size = sizeof storage;
    if (::getpeername(fd, reinterpret_cast<sockaddr*>(&storage), &size) != 0) return std::nullopt;
    if (storage.ss_family == AF_INET) {
        sockaddr_in four;
        std::memcpy(&four, &storage, sizeof four);
        return base::ip_address::v4(ntohl(four.sin_addr.s_addr));
    }
    if (storage.ss_family == AF_INET6) {
        sockaddr_in6 six;
        std::memcpy(&six, &storage, sizeof six);
        std::array<std::uint8_t, 16> bytes;
        std::memcpy(bytes.data(), &six.sin6_addr, bytes.size());
        return base::ip_address::v6(bytes);
    }
    return std::nullopt;
}

class talk final : public net::conversation {
public:
    talk(sts::issuer& issuer, workload::peer_inspector& inspector, const net::connection_info& info)
        : issuer_(issuer) {
        origin_.source = peer_address(info.fd);
        const binding::caller who = inspector.inspect(info.fd);
        if (const subject_bytes known(who); !known.text().empty()) {
            peer_key_ = std::hash<std::string_view>{}(known.text());
        } else if (origin_.source) {
            const auto& bytes = origin_.source->bytes();
            peer_key_ = std::hash<std::string_view>{}(
                {reinterpret_cast<const char*>(bytes.data()), bytes.size()});
        }
    }

    bool wants_prepare() const override { return false; }
    boost::asio::awaitable<void> prepare() override { co_return; }
    boost::asio::awaitable<void> wait() override { co_return; }

    net::action respond(const http::request& request, http::response& answer) override {
        issuer_.respond(request, origin_, answer);
        return {};
    }

    void refuse(http::response& answer) override {
        answer.headers = "Content-Type: text/plain\r\n";
    }

    std::uint64_t peer_key() const override { return peer_key_; }

private:
    sts::issuer& issuer_;
    sts::request_origin origin_;
    std::uint64_t peer_key_ = 0;
};

}  // namespace

std::unique_ptr<net::conversation> sts_service::open(const net::connection_info& info) {
    return std::make_unique<talk>(issuer_, *inspector_, info);
}

}  // namespace handler
