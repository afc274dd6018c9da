#pragma once

#include <memory>
#include <vector>

#include "base/error.hpp"
#include "policy/authorize.hpp"
#include "sts/call.hpp"

namespace sts {

/// The policies that grant and limit what the caller may do, as they are now: those of its user or
/// role, the boundary, and what was passed when its session was made. Borrows from the call.
class caller_policies {
public:
    /// InternalFailure: a session carries a policy that cannot be read.
    static base::result<caller_policies> of(const call& made);

    /// Fills the caller's side of a question. `*this` has to outlive it.
    void fill(policy::question& asked) const;
    bool bounded() const { return boundary_.has_value(); }
    bool narrowed() const { return narrowed_; }

private:
    caller_policies() = default;
    base::result<void> add_identity(const call& made);
    base::result<void> add_managed(const call& made, const std::vector<std::string>& arns);
    base::result<void> add_session_arns(const call& made);

    std::vector<policy::attached> identity_;
    std::optional<policy::attached> boundary_;
    bool narrowed_ = false;
    std::vector<policy::attached> session_;
    std::unique_ptr<policy::document> inline_;  // `session_` points to it
    std::vector<managed_policy> held_;          // and all of them to these
    std::vector<std::shared_ptr<const group_record>> groups_;
};

}  // namespace sts
