#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/array.hpp>

#include "base/error.hpp"
#include "policy/authorize.hpp"
#include "policy/context.hpp"
#include "policy/document.hpp"
#include "sts/caller.hpp"

namespace sts {

/// Decides whether a caller may take an action on a role, by policy::authorize: the role's trust
/// policy, which must always speak, and the caller's identity and session policies.
class role_authorization {
public:
    /// `role` may be null: the same checks run against a role that trusts nobody, so an unknown
    /// role and a refusing one look the same.
    static base::result<role_authorization> prepare(const caller& by, const role_record* role,
                                                    std::string_view role_arn);

    /// Failure: AccessDenied, naming the action.
    base::result<void> allow(std::string_view action, const policy::context& facts);

    /// What was decided and by which statements, for the audit record.
    const boost::json::array& trace() const { return trace_; }

private:
    role_authorization(const caller& by, const role_record* role, std::string_view role_arn)
        : by_(by), role_(role), role_arn_(role_arn) {}

    const caller& by_;
    const role_record* role_;
    std::string role_arn_;
    std::vector<policy::attached> identity_;
    std::optional<policy::document> session_policy_;
    boost::json::array trace_;
};

/// "User: … is not authorized to perform: … on resource: …"
base::error access_denied(const caller& by, std::string_view action, std::string_view resource,
                          std::string_view reason = {});

}  // namespace sts
