#pragma once

#include <boost/asio/awaitable.hpp>

#include "audit/journal.hpp"

namespace handler {

/// Waits until the record is durable, `journal.longest_wait()` at most. False: what was computed
/// must not go out. May be given up at any time; the journal is not needed afterwards.
boost::asio::awaitable<bool> wait_until_durable(audit::journal& journal, audit::ticket of);

}  // namespace handler
