#pragma once

#include <utility>

#include <boost/asio/awaitable.hpp>

#include "audit/journal.hpp"
#include "handler/hand_out_ledger.hpp"

namespace handler {

/// The hand-out of one request: it waits for its record.
class recorded_hand_out {
public:
    enum class verdict {
        go,
        wait,  ///< await `wait`, then ask again for the same hand-out
        refused,
    };
    /// `kept`: as `hand_out_ledger::allow` returned.
    verdict ask(audit::journal& journal, audit::ticket kept);
    bool wants_wait() const { return waits_for_ != 0; }
    boost::asio::awaitable<void> wait(audit::journal& journal);
    /// True when this is asked again after a wait; once.
    bool take_resumed() { return std::exchange(resumed_, false); }

private:
    audit::ticket waits_for_ = 0;
    audit::ticket waited_for_ = 0;
    bool resumed_ = false;
};

}  // namespace handler
