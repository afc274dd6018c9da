#pragma once

#include <memory>

#include "container/responder.hpp"
#include "handler/worker_state.hpp"
#include "net/service.hpp"
#include "workload/container_engine.hpp"

namespace handler {

/// The ECS container protocols joined to the rest, for one worker. All members run on the worker's
/// thread.
class container_service final : public net::service {
public:
    /// `engine`: shared; null when none is configured.
    container_service(worker_state& worker, workload::container_engine* engine)
        : worker_(worker), engine_(engine) {}

    std::unique_ptr<net::conversation> open(const net::connection_info& info) override;
    bool wants_bodies() const override { return false; }

private:
    worker_state& worker_;
    workload::container_engine* engine_;
    http::rate_limiter limiter_{container::agent_rate};
};

}  // namespace handler
