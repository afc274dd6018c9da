#pragma once

#include <memory>

#include "audit/journal.hpp"
#include "handler/blocking_pool.hpp"
#include "net/service.hpp"
#include "sts/issuer.hpp"
#include "workload/peer_inspector.hpp"

namespace handler {

/// The issuer's network face on one worker. Who calls is of no matter to the issuer, which believes
/// signatures; the inspector tells local users apart, so that none of them can take up all the
/// connections of the loopback address.
///
/// An answer is held back until the records of its call are durable; if they cannot be kept, 503
/// goes out in its place. Requests that may wait for a database are answered by the pool's threads.
class sts_service final : public net::service {
public:
    /// All outlive the service. Null journal: the issuer's records are durable when they are
    /// accepted. Null pool: no request is slow.
    struct parts {
        sts::issuer& issuer;
        audit::journal* journal = nullptr;
        blocking_pool* pool = nullptr;
    };
    sts_service(parts with, std::unique_ptr<workload::peer_inspector> inspector)
        : parts_(with), inspector_(std::move(inspector)) {}

    std::unique_ptr<net::conversation> open(const net::connection_info& info) override;
    bool wants_bodies() const override { return true; }

private:
    const parts parts_;
    std::unique_ptr<workload::peer_inspector> inspector_;
};

}  // namespace handler
