#pragma once

#include <memory>

#include <boost/asio/io_context.hpp>

#include "base/clock.hpp"
#include "base/random.hpp"
#include "handler/hand_out_ledger.hpp"
#include "handler/serving.hpp"
#include "imds/session_token.hpp"
#include "net/service.hpp"
#include "workload/directory.hpp"
#include "workload/peer_inspector.hpp"

namespace handler {

/// What the service needs; all of it outlives the service.
struct imds_dependencies {
    boost::asio::io_context& context;  ///< the worker's
    const base::clock& clock;
    base::random& random;
    workload::peer_inspector& inspector;  ///< the worker's own
    workload::directory& names;           ///< shared
    const imds::token_authority& tokens;
    hand_out_ledger& ledger;  ///< shared
    counters& count;          ///< the worker's own
    /// The longest that a first caller waits for the first credentials: one SDK gives up at 500 ms.
    base::milliseconds first_wait{400};
};

struct imds_state;

/// The metadata protocol joined to the rest, for one worker: who calls, which profile, what may be
/// answered now. All members run on the worker's thread.
class imds_service final : public net::service {
public:
    explicit imds_service(imds_dependencies needs);
    ~imds_service() override;

    /// A new generation with the states known for it. Open connections decide anew.
    void install(std::shared_ptr<const serving> next, credential_states states);
    /// One profile's new state. Ignored when it is of another generation.
    void publish(std::uint64_t generation, std::size_t profile,
                 std::shared_ptr<const imds::credential_state> state);

    std::unique_ptr<net::conversation> open(const net::connection_info& info) override;
    bool wants_bodies() const override { return false; }

private:
    std::unique_ptr<imds_state> self_;
};

}  // namespace handler
