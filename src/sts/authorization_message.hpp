#pragma once

#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/random.hpp"
#include "policy/authorize.hpp"
#include "policy/context.hpp"
#include "sts/caller.hpp"
#include "sts/session/key_ring.hpp"

namespace sts {

/// A decision, for those who may know why it was made (DecodeAuthorizationMessage).
struct authorization_facts {
    const caller& by;
    std::string_view action;
    std::string_view resource;
    const policy::authorization& decided;
    const policy::context& facts;
};

/// Whose policies a message may show.
enum class authorization_side { caller, resource, both };

/// The JSON text that DecodeAuthorizationMessage gives: allowed, explicitDeny, matchedStatements,
/// failures and context. Long values are cut, so that the sealed text is one that can be sent back.
std::string authorization_message(const authorization_facts& of, authorization_side side);

inline constexpr std::size_t longest_encoded_message = 10'240;  ///< EncodedMessage (service model)
inline constexpr base::seconds authorization_message_life{24 * 3600};

/// base64url. Only callers of `account` get it decoded.
std::string seal_authorization_message(std::string_view json, std::string_view account,
                                       std::string_view partition, const key_ring& ring,
                                       base::random& random, base::wall_time now);
/// InvalidAuthorizationMessageException for anything else, for messages of other accounts and for
/// old ones, without saying which.
base::result<std::string> open_authorization_message(std::string_view text,
                                                     std::string_view account,
                                                     std::string_view partition,
                                                     const key_ring& ring, base::wall_time now);

}  // namespace sts
