#pragma once

#include "handler/worker_state.hpp"
#include "net/service.hpp"

namespace handler {

/// /healthz and /readyz, for probes: 200 without a body. Nothing else is reachable, and nothing is
/// told but whether the worker answers (/healthz), and whether it has what it serves (/readyz: 500
/// and a line that says what kind of thing is missing). Anybody may ask.
class health_service final : public net::service {
public:
    explicit health_service(worker_state& worker) : worker_(worker) {}

    std::unique_ptr<net::conversation> open(const net::connection_info& info) override;
    bool wants_bodies() const override { return false; }

private:
    worker_state& worker_;
};

}  // namespace handler
