#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.hpp"

namespace admin {

/// A change of the issuer's key ring.
struct key_request {
    enum class action {
        publish,   ///< a new key that opens texts but seals none yet
        activate,  ///< a published or verify-only key
        rotate,    ///< publish and activate in one step
        retire,
        revoke,
    };
    action what = action::rotate;
    std::string purpose;    ///< publish, rotate: which kind of key; empty: session tokens
    std::uint16_t key = 0;  ///< activate, retire, revoke: its id, from 1
    bool force = false;     ///< activate, rotate, retire: although a waiting time is not over
    bool operator==(const key_request&) const = default;
};
/// "publish"
std::string_view to_string(key_request::action what);

/// "purpose=session_token&force=true", "key=3". What an action does not take, and unknown or
/// repeated names, are errors that say which.
base::result<key_request> parse_key_query(key_request::action what, std::string_view raw);
/// The inverse, for clients.
std::string format_key_query(const key_request& request);

}  // namespace admin
