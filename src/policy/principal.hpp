#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"

namespace policy {

/// The caller in the terms of Principal elements.
struct principal {
    enum class type { anonymous, account_root, user, role_session, service };
    type kind = type::anonymous;
    std::string account;    ///< empty for services
    std::string arn;        ///< of the root, the user or the role session
    std::string role_arn;   ///< of role sessions
    std::string unique_id;  ///< AIDA… or AROA…, without the session name
    std::string service;    ///< "ec2.amazonaws.com"
};

/// How directly a Principal element names the caller, weakest first. It decides whether the
/// caller's own policies must allow as well.
enum class principal_match {
    none,
    account,  ///< the caller's account: a delegation
    role,     ///< the role of a role session
    direct,   ///< user, exact session, service, or everyone
};

/// A Principal element of a trust policy.
class principal_element {
public:
    /// `kind` is the key it stands under: AWS, Service or Federated.
    static base::result<principal_element> parse(std::string_view kind, std::string_view value);
    /// `deny`: `{"AWS": "*"}` grants nothing to services, but denies them too.
    principal_match matches(const principal& caller, bool deny) const;

private:
    enum class type { anyone, account, user, role, session, unique_id, federated, service };
    type kind_ = type::anyone;
    std::string value_;      // ARN, unique id, service name or account id
    std::string partition_;  // of an account's root ARN, else empty
};

}  // namespace policy
