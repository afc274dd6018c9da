#pragma once

#include <memory>

#include "net/service.hpp"
#include "sts/issuer.hpp"
#include "workload/peer_inspector.hpp"

namespace handler {

/// The issuer's network face on one worker. Callers prove who they are by their signatures; the
/// inspector only tells users of this host apart when connections are counted, so that one of them
/// cannot take them all: by address they are one peer.
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
