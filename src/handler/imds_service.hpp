#pragma once

#include <memory>

#include "handler/worker_state.hpp"
#include "imds/session_token.hpp"
#include "net/service.hpp"

namespace handler {

/// The metadata protocol joined to the rest, for one worker: who calls, which profile, what may be
/// answered now. All members run on the worker's thread.
class imds_service final : public net::service {
public:
    imds_service(worker_state& worker, const imds::token_authority& tokens)
        : worker_(worker), tokens_(tokens) {}

    std::unique_ptr<net::conversation> open(const net::connection_info& info) override;
    bool wants_bodies() const override { return false; }

private:
    worker_state& worker_;
    const imds::token_authority& tokens_;
};

}  // namespace handler
