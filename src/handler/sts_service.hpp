#pragma once

#include <memory>

#include "net/service.hpp"
#include "sts/issuer.hpp"
#include "workload/peer_inspector.hpp"

namespace handler {

/// The issuer's network face on one worker. Who calls is of no matter to the issuer, which believes
/// signatures; the inspector tells local users apart, so that none of them can take up all the
/// connections of the loopback address.
class sts_service final : public net::service {
public:
    sts_service(sts::issuer& issuer, std::unique_ptr<workload::peer_inspector> inspector)
        : issuer_(issuer), inspector_(std::move(inspector)) {}

    std::unique_ptr<net::conversation> open(const net::connection_info& info) override;
    bool wants_bodies() const override { return true; }

private:
    sts::issuer& issuer_;
    std::unique_ptr<workload::peer_inspector> inspector_;
};

}  // namespace handler
