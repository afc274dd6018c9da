#pragma once

#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/error.hpp"

namespace net {

/// Named limits of one call.
struct local_client_options {
    std::string socket;                 ///< path of an AF_UNIX socket
    std::string server = "the daemon";  ///< how errors name who answers
    base::milliseconds time{5000};      ///< for the whole call, connecting included
    std::size_t header_bytes = 16 * 1024;
    std::size_t body_bytes = 8 * 1024 * 1024;
};

struct local_response {
    unsigned status = 0;
    std::string body;
};

/// Nobody answers at that path: `error::code` of a call that failed to connect, ran out of time or
/// was hung up on. The server may be down, or another path meant.
inline constexpr std::string_view local_unreachable = "Unreachable";

/// One request, one answer, over an AF_UNIX socket. Blocks: for command line tools and threads that
/// may wait. A path or target that cannot be used is error_kind::invalid.
base::result<local_response> call_local(const local_client_options& options,
                                        const base::clock& clock, std::string_view method,
                                        std::string_view target);

}  // namespace net
