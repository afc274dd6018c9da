#pragma once

#include <memory>

#include "handler/verified_tokens.hpp"
#include "handler/worker_state.hpp"
#include "http/rate_limiter.hpp"
#include "net/service.hpp"

namespace handler {

/// The EKS Pod Identity agent's protocol joined to the rest, for one worker. All members run on the
/// worker's thread.
class pod_identity_service final : public net::service {
public:
    explicit pod_identity_service(worker_state& worker) : worker_(worker) {}

    std::unique_ptr<net::conversation> open(const net::connection_info& info) override;
    bool wants_bodies() const override { return false; }

private:
    static constexpr std::size_t most_verified = 1024;

    worker_state& worker_;
    /// 1000 a second, 500 at once: for one caller, on one worker.
    http::rate_limiter limiter_{{1000, 500}};
    verified_tokens verified_{most_verified};
};

}  // namespace handler
