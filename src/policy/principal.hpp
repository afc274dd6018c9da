#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"

namespace policy {

/// The caller in the terms of Principal elements.
struct principal {
    enum class type {
        anonymous,
        account_root,
        user,  ///< with long-term keys or a GetSessionToken session
        role_session,
        federated_user,  ///< a GetFederationToken session
        federated,       ///< proven by a SAML or OIDC provider, no session yet
        service,
    };
    type kind = type::anonymous;
    std::string account;         ///< empty for services; the provider's for `federated`
    std::string arn;             ///< of the root, the user, or the session
    std::string role_arn;        ///< of role sessions
    std::string unique_id;       ///< AIDA… or AROA…, without the session name
    std::string service;         ///< "ec2.amazonaws.com"
    std::string provider{};      ///< ARN or built-in host name of the identity provider, if any
    std::string canonical_id{};  ///< the account's S3 canonical user id, if it has one
};

/// How directly a Principal element names the caller, weakest first. It decides whether the
/// caller's own policies must allow as well.
enum class principal_match {
    none,
    account,  ///< the caller's account: a delegation
    role,     ///< the role of a role session
    direct,   ///< user, exact session, service, provider, or everyone
};
const char* to_string(principal_match match);

/// Unique id of a user or role by its ARN, in exact case. Nothing: there is none.
using principal_directory = std::function<std::optional<std::string>(std::string_view arn)>;

/// One value of a Principal or NotPrincipal element.
class principal_element {
public:
    enum class type {
        everyone,   ///< "Principal": "*": services and providers as well
        anyone,     ///< {"AWS": "*"}
        account,    ///< its root's ARN, or 12 digits
        user,       ///< ARN
        role,       ///< ARN
        session,    ///< ARN of a role session or a federated user
        unique_id,  ///< AIDA… or AROA…
        federated,
        service,
        canonical_user,
    };

    static principal_element everyone();
    /// `kind` is the key it stands under: AWS, Service, Federated or CanonicalUser.
    static base::result<principal_element> parse(std::string_view kind, std::string_view value);

    /// A user or role ARN stands from now on for the identity that has this name today: one that is
    /// created later under the same name is somebody else (so does IAM when it stores a policy).
    /// False: the directory knows no such identity, and the element matches nobody any more.
    /// Providers and sessions are not bound.
    bool bind(const principal_directory& known);

    /// `deny`: `{"AWS": "*"}` grants nothing to services and providers, but denies them too.
    principal_match matches(const principal& caller, bool deny) const;

    type kind() const { return kind_; }
    /// As written, but an account is its 12 digits.
    const std::string& value() const { return value_; }
    /// Of an account that is named by its root's ARN; else empty.
    const std::string& partition() const { return partition_; }
    /// The account that it names, if it names one.
    std::string_view account() const;
    /// `"AWS":"…"`
    std::string text() const;

private:
    type kind_ = type::anyone;
    std::string value_;      // ARN, unique id, service name or account id
    std::string partition_;  // of an account's root ARN, else empty
    bool bound_ = false;
    std::string bound_id_;  // users and roles; empty though bound: nobody
};

}  // namespace policy
