#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "aws/credentials.hpp"
#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/ip_address.hpp"
#include "base/random.hpp"
#include "http/request.hpp"
#include "http/response.hpp"
#include "sts/audit_trail.hpp"
#include "sts/definitions.hpp"
#include "sts/ports.hpp"
#include "sts/session/key_ring.hpp"

namespace sts {

class api;

/// Parameters of AssumeRole (API reference; limits in assume_role.cpp).
struct assume_role_parameters {
    std::string role_arn;
    std::string role_session_name;
    std::optional<base::seconds> duration;
    std::optional<std::string> policy;
    tag_list tags;
    std::vector<std::string> transitive_tag_keys;
    std::optional<std::string> external_id;
    std::optional<std::string> source_identity;
};

/// Where a request came from, for conditions (aws:SourceIp, aws:SecureTransport) and audit.
struct request_origin {
    std::optional<base::ip_address> source;
    bool secure_transport = false;
    /// Over TLS with a client: what was agreed on, by OpenSSL's names. The texts outlive the call.
    std::string_view tls_version = {};
    std::string_view tls_cipher = {};
};

/// One use of credentials: of a long-term key, or of a role by one of its sessions.
struct credential_use {
    std::string_view access_key_id;  ///< of long-term keys
    std::string_view role_id;        ///< AROA…, of sessions of roles
    std::string_view service, region;
    base::wall_time at{};
};

/// What an issuer takes part in besides its own work. All may be empty.
struct issuer_surroundings {
    /// Further APIs at the same endpoint; they outlive the issuer.
    std::vector<const api*> apis{};
    /// False while revocations may be out of date: temporary credentials are then refused.
    std::function<bool()> sessions_trusted{};
    /// Told of every proven call. Must not wait.
    std::function<void(const credential_use&)> used{};
};

/// What an issuer decides by. Neither pointer is null.
struct issuer_state {
    issuer_options options;
    std::shared_ptr<const principal_store> principals;
    std::shared_ptr<const key_ring> keys;
};

/// The core issuer: AWS STS's Query protocol over plain requests and answers, no I/O.
/// Thread-safe: the network face and the daemon's own fetches use one object.
class issuer {
public:
    issuer(issuer_options options, std::shared_ptr<const principal_store> principals,
           std::shared_ptr<const key_ring> keys, const base::clock& clock, base::random& random,
           audit_port audit, issuer_surroundings surroundings = {});
    ~issuer();

    /// After a reload: all in one step, so that no call sees the old of one and the new of another.
    /// The options' `partition` and `default_region` stay as they were made.
    void replace(issuer_state state);
    /// After a change of the principals alone.
    void replace_principals(std::shared_ptr<const principal_store> principals);
    /// After a rotation of the keys.
    void replace_keys(std::shared_ptr<const key_ring> keys);

    /// One HTTP request, signed or not. Never throws; internal faults are 500 InternalFailure. The
    /// answer goes out when what was promised is durable; if it cannot be, `answer_unrecorded` is
    /// the answer.
    audit_promise respond(const http::request& request, const request_origin& origin,
                          http::response& answer);

    /// True when `respond` may wait for something slow (a write to a database) and must not run on
    /// a thread that serves others. Of no request that waits it says false.
    static bool may_block(const http::request& request);

    /// True when a request for which `may_block` is true certainly writes nothing, so that no
    /// database can hold it up; it only takes its time.
    static bool only_reads(const http::request& request);

    /// ServiceUnavailable, in place of an answer whose record cannot be kept.
    void answer_unrecorded(const http::request& request, http::response& answer);
    /// ServiceUnavailable: too much is under way.
    void answer_overloaded(const http::request& request, http::response& answer);

    /// For what is no HTTP request: `answer` holds the status, and why as its body. `read`: what
    /// could be read of it; in JSON if its Accept asks for that.
    void refuse(const http::request& read, http::response& answer);

    /// The daemon's own way in: AssumeRole by a service principal ("ec2.amazonaws.com") without a
    /// signature. The same code decides as for the network face, which can never claim to be a
    /// service. Errors carry the wire code in `error.code`. Both wait until the record is durable.
    base::result<aws::credentials> assume_role_as_service(std::string_view service_principal,
                                                          const assume_role_parameters& parameters);

    /// The daemon's own way in: credentials of the instance itself, GetCallerIdentity on which
    /// answers arn:aws:sts::{account}:assumed-role/aws:ec2-instance/{instance_id}. No policy is
    /// attached to them. `duration`: 900 s to 43200 s.
    base::result<aws::credentials> instance_credentials_as_service(
        std::string_view service_principal, std::string_view account, std::string_view instance_id,
        base::seconds duration);

private:
    struct implementation;
    std::unique_ptr<implementation> self_;
};

}  // namespace sts
