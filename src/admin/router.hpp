#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "admin/daemon_control.hpp"
#include "admin/operations.hpp"
#include "http/request.hpp"
#include "http/response.hpp"

namespace admin {

/// What was asked of the socket and how it ended; for the audit log.
struct event {
    identified_peer who;
    operation what;
    bool allowed = false;
    unsigned status = 0;  ///< HTTP status of the answer
};

struct options {
    operators allowed;
    /// Called for each refusal of an operation and for each audited operation that was carried
    /// out. May be empty.
    std::function<void(const event&)> report;
};

/// Request in, answer out: which operation it is, whether this peer may have it, what the daemon
/// says. No I/O of its own.
class router {
public:
    router(daemon_control& daemon, options chosen);
    void respond(const identified_peer& peer, const http::request& request,
                 http::response& answer) const;

private:
    void perform(const permit& entry, const identified_peer& peer, std::string_view query,
                 http::response& answer) const;
    boost::json::object whoami(const identified_peer& peer) const;

    daemon_control& daemon_;
    options options_;
};

/// Fills in {"error":{"code","message"}}.
void answer_error(http::response& answer, unsigned status, std::string_view code,
                  std::string_view message);

}  // namespace admin
