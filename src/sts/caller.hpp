#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "http/request.hpp"
#include "policy/principal.hpp"
#include "sigv4/sigv4.hpp"
#include "sts/ports.hpp"
#include "sts/session/key_ring.hpp"
#include "sts/session/session_token.hpp"

namespace sts {

/// Who makes a call, proven.
struct caller {
    policy::principal principal;
    /// aws:userid: "AIDA…", "AROA…:session", "account:name" of a federated user, a root's account
    std::string user_id;
    std::string access_key_id;
    std::shared_ptr<const user_record> user;  ///< of a federated user: who vouches for it
    std::shared_ptr<const role_record> role;
    std::optional<session> through;  ///< the session, for temporary credentials

    const std::vector<named_policy>& policies() const;
    const std::vector<std::string>& managed_policies() const;  ///< ARNs
    const std::string& boundary() const;                       ///< ARN; empty: none
    const tag_list& own_tags() const;
};

/// The service principal that the daemon itself speaks as. Only the in-process way leads here.
caller service_caller(std::string_view service_principal);

/// What authentication needs from outside.
struct authentication {
    const principal_store& principals;
    const key_ring& keys;
    std::string_view partition;
    base::wall_time now;
    /// False: what was revoked is not known well enough to believe a session.
    bool sessions_trusted = true;
};

/// Finds the key of the claim, opens its session token, verifies the signature. An unknown key id
/// costs the same HMAC as a known one.
base::result<caller> authenticate(const http::request& request, const sigv4::claim& claim,
                                  const authentication& with);

/// A caller whom another state of the principals has proven, as these know it: with its policies of
/// now. InvalidClientTokenId when its key, its session or itself is good no more.
base::result<caller> known_again(const caller& by, const principal_store& in, const key_ring& keys,
                                 std::string_view partition);

/// What an access key id and, for temporary credentials, a session token stand for.
struct known_credentials {
    caller owner;
    base::secret secret_access_key;
};
/// Proves nothing about who asks. InvalidClientTokenId for whatever is not known, without saying
/// why; ExpiredToken for a session that has ended.
base::result<known_credentials> find_credentials(std::string_view access_key_id,
                                                 const std::optional<std::string>& session_token,
                                                 const authentication& with);

}  // namespace sts
