#pragma once

#include <chrono>
#include <cstddef>

#include "http/request_parser.hpp"

namespace net {

/// Named limits of a listener's sessions.
struct session_limits {
    http::request_limits request;
    std::chrono::seconds header_time{10};  ///< from a request's first byte to its last, and from
                                           ///< accept to the first byte of all
    std::chrono::seconds idle_time{60};    ///< between requests of a kept connection
    std::chrono::seconds write_time{10};   ///< for a client to take an answer
    std::size_t connections = 4096;        ///< in all, for one worker
    std::size_t per_peer = 256;            ///< for one uid or address, for one worker
    /// Bodies that all connections of one worker hold at once; beyond that, requests with more than
    /// `small_body` are answered 503.
    std::size_t held_bodies = 64 * 1024 * 1024;
    std::size_t small_body = 16 * 1024;
};

}  // namespace net
