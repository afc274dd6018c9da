#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/error.hpp"

namespace admin {

/// Named limits of one call.
struct client_options {
    std::string socket;             ///< path of the daemon's admin socket
    base::milliseconds time{5000};  ///< for the whole call, connecting included
    std::size_t header_bytes = 16 * 1024;
    std::size_t body_bytes = 8 * 1024 * 1024;
};

struct client_response {
    unsigned status = 0;
    std::string body;
};

/// Nobody answers at that path: `error::code` of a call that failed to connect, ran out of time or
/// was hung up on. The daemon may be down, or another path meant.
inline constexpr std::string_view unreachable = "DaemonUnreachable";

/// One request, one answer, over an AF_UNIX socket. Blocks; for command line tools. A path or
/// target that cannot be used is error_kind::invalid.
base::result<client_response> call(const client_options& options, const base::clock& clock,
                                   std::string_view method, std::string_view target);

}  // namespace admin
