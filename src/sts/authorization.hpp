#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "base/error.hpp"
#include "policy/authorize.hpp"
#include "policy/context.hpp"
#include "sts/authorization_message.hpp"
#include "sts/call.hpp"
#include "sts/caller_policies.hpp"

namespace sts {

/// Decides what a caller may do with one resource, by policy::authorize, and keeps what an audit
/// record tells of it.
class authorization_check {
public:
    /// A role of that account: its trust policy must always speak. `role` may be null: the same
    /// checks run against a role that trusts nobody, so an unknown role and a refusing one look the
    /// same.
    static base::result<authorization_check> of_role(const call& made, const role_record* role,
                                                     std::string_view role_arn,
                                                     std::string_view account);
    /// Anything without a policy of its own: the caller's policies decide. "*": no resource.
    static base::result<authorization_check> of_resource(const call& made,
                                                         std::string_view resource);

    /// The resource is that account's, which has this policy on it; null: none.
    void guarded_by(std::string_view account, const policy::document* resource_policy) {
        resource_account_ = account;
        resource_policy_ = resource_policy;
    }

    /// Of a role: the facts without any that come from the role itself. What a denial says outside
    /// the role's account is decided by them and by no trust policy, as for a role that does not
    /// exist: a caller's conditions on the role's tags would tell what those are. Asked for when
    /// something is denied.
    void seen_from_outside_by(std::function<policy::context()> facts) {
        outside_ = std::move(facts);
    }

    /// Failure: AccessDenied, naming the action.
    base::result<void> allow(std::string_view action, const policy::context& facts);

    /// Puts the decisions into an audit record, and the encoded message of a denial for each
    /// account that has a side in it.
    void tell(boost::json::object& additional) const;

private:
    authorization_check(const call& made, caller_policies policies, std::string_view resource)
        : made_(made), policies_(std::move(policies)), resource_(resource) {}

    policy::authorization decide(std::string_view action, const policy::context& facts,
                                 const role_record* role) const;
    void note(std::string_view action, const policy::authorization& decided);
    void seal(std::string_view action, const policy::authorization& decided,
              const policy::context& facts, const std::string& account, authorization_side side);
    base::error denial(std::string_view action, const policy::authorization& decided) const;

    const call& made_;
    caller_policies policies_;
    std::string resource_;
    bool is_role_ = false;
    std::string resource_account_;
    const role_record* role_ = nullptr;
    const policy::document* resource_policy_ = nullptr;
    std::function<policy::context()> outside_;
    boost::json::array trace_;
    boost::json::object messages_;
};

/// "User: … is not authorized to perform: … on resource: …"
base::error access_denied(const caller& by, std::string_view action, std::string_view resource,
                          std::string_view reason = {});

}  // namespace sts
