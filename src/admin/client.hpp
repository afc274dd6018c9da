#pragma once

#include "net/local_client.hpp"

namespace admin {

using client_options = net::local_client_options;
using client_response = net::local_response;

/// `error::code` when nobody answers at that path: the daemon may be down, or another path meant.
inline constexpr std::string_view unreachable = net::local_unreachable;

/// One request to the admin socket; see net::call_local.
inline base::result<client_response> call(const client_options& options, const base::clock& clock,
                                          std::string_view method, std::string_view target) {
    return net::call_local(options, clock, method, target);
}

}  // namespace admin
