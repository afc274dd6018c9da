#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "aws/credentials.hpp"
#include "base/clock.hpp"
#include "base/random.hpp"
#include "http/request.hpp"
#include "http/response.hpp"
#include "http/target.hpp"
#include "imds/identity_signatures.hpp"
#include "imds/session_token.hpp"
#include "imds/tree.hpp"
#include "profile/role_profile.hpp"

namespace imds {

/// Value of `Server`: some programs believe they are on EC2 only when it is there.
inline constexpr std::string_view server_name = "EC2ws";

/// A profile ready to be served: its tree and header lines made once. Immutable; shared by workers.
class metadata {
public:
    /// `since`: when this state of the metadata came to be (Last-Modified).
    metadata(profile::role_profile profile, base::wall_time since);

    const profile::role_profile& profile() const { return profile_; }
    const imds::tree& tree() const { return tree_; }
    base::wall_time since() const { return since_; }
    std::string_view text_headers() const { return text_headers_; }
    std::string_view octet_headers() const { return octet_headers_; }
    std::string_view iam_info() const { return iam_info_; }
    std::string_view instance_info() const { return instance_info_; }

private:
    profile::role_profile profile_;
    base::wall_time since_;
    imds::tree tree_;
    std::string text_headers_;
    std::string octet_headers_;
    std::string iam_info_;
    std::string instance_info_;
};

/// What can be said about a role's, or the instance's own, credentials now: rendered once for each
/// change. Immutable.
struct credential_state {
    enum class status {
        pending,  ///< first fetch under way: worth a short wait
        valid,    ///< until `expires`
        denied,   ///< the issuer refuses the role
        failed,   ///< nothing valid; `retry_after` tells when the next try is due
    };
    status now = status::pending;
    std::string document;           ///< valid: with the secret key; denied: the failure document
    std::string extended_document;  ///< with AccountId; empty unless compat.extended_credentials
    /// valid: iam/info, or identity-credentials/ec2/info, with the credentials' LastUpdated; empty:
    /// use metadata's.
    std::string info;
    std::string headers;        ///< for documents: Last-Modified is the time of issue
    std::string access_key_id;  ///< valid: for the audit record
    /// valid: for protocols that render another document from them.
    std::shared_ptr<const aws::credentials> credentials;
    base::wall_time last_updated{};
    base::wall_time expires{};
    base::wall_time next_try{};
    bool access_key_id_alias = false;  ///< documents have it; see credential_document
    std::uint64_t serial = 0;

    ~credential_state();
    credential_state() = default;
    credential_state(credential_state&&) = default;
    credential_state& operator=(credential_state&&) = default;
};

/// `alias`: see credential_document.
credential_state valid_state(const profile::role_profile& profile,
                             std::shared_ptr<const aws::credentials> credentials,
                             base::wall_time last_updated, std::uint64_t serial,
                             bool alias = false);
/// Of the instance itself (identity-credentials/ec2).
credential_state valid_instance_state(const profile::role_profile& profile,
                                      std::shared_ptr<const aws::credentials> credentials,
                                      base::wall_time last_updated, std::uint64_t serial,
                                      bool alias = false);
credential_state denied_state(std::string_view message, base::wall_time at,
                              base::wall_time next_try);

struct responder_options {
    bool refuse_forwarded_get =
        false;  ///< X-Forwarded-For on GET is a 403, too (EC2 checks PUT only)
    /// compat: a directory asked for without its slash is a 301, as on hosts before Nitro.
    bool redirect_slashless_directories = false;
    bool close_connections = false;  ///< compat: every answer is its connection's last
};

/// A token that was verified on this connection: asked again, it is compared, not recomputed.
struct remembered_token {
    std::array<char, token_text_size> text{};
    base::boot_time expires{};
    bool set = false;
};

/// Everything an answer depends on.
struct request_context {
    const metadata& served;
    const token_authority& tokens;
    const credential_state& credentials;
    const credential_state& instance_credentials;
    const signed_identity* identity;  ///< null: the document is not signed yet
    const responder_options& options;
    base::wall_time now;
    base::boot_time boot;
    token_subject subject;
    base::random& random;
    remembered_token& remembered;
    http::path_segments& scratch;
    bool over_ipv6 = false;
    /// A fault: credentials are served with this Expiration, relative to now.
    std::optional<base::seconds> pretended_expiry = std::nullopt;
};

/// What was answered, for counting, audit and the hop limit.
struct outcome {
    enum class kind {
        answered,
        token_issued,                 ///< PUT answer: send with the profile's hop limit
        credentials_served,           ///< a document with the role's keys is in the answer
        instance_credentials_served,  ///< the same of the instance's own keys
        pending,      ///< nothing was answered yet: wait for what is on its way, ask again
        role_denied,  ///< the issuer's refusal is in the answer
        v1_refused,
        bad_token,
        forwarded_refused,
    };
    kind what = kind::answered;
    bool v1 = false;  ///< served without a token
};

/// The EC2 metadata protocol: one request, one answer. Pure.
/// `wait`: false turns pending into a 503.
outcome respond(const http::request& request, const request_context& context, bool wait,
                http::response& answer);

/// Answers that need no profile.
void answer_page(unsigned status, http::response& answer);                    ///< XHTML error page
void answer_line(unsigned status, std::string line, http::response& answer);  ///< text/plain
void answer_empty(unsigned status, http::response& answer);
void answer_unavailable(base::seconds retry_after, http::response& answer);  ///< 503

}  // namespace imds
