#pragma once

#include "net/service.hpp"
#include "sts/issuer.hpp"

namespace handler {

/// The issuer's network face on one worker.
class sts_service final : public net::service {
public:
    explicit sts_service(sts::issuer& issuer) : issuer_(issuer) {}

    std::unique_ptr<net::conversation> open(const net::connection_info& info) override;
    bool wants_bodies() const override { return true; }

private:
    sts::issuer& issuer_;
};

}  // namespace handler
