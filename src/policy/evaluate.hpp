#pragma once

#include <cstddef>
#include <string_view>

#include "policy/context.hpp"
#include "policy/document.hpp"
#include "policy/principal.hpp"

namespace policy {

struct request {
    std::string_view action;    ///< "sts:AssumeRole"
    std::string_view resource;  ///< an ARN
};

enum class effect { implicit_deny, allow, explicit_deny };

/// What one document says. `statement` is meaningful unless the denial is implicit.
struct decision {
    effect outcome = effect::implicit_deny;
    std::size_t statement = 0;
    /// Trust policies: the most direct way in which an allowing statement names the caller.
    principal_match match = principal_match::none;
};

/// An identity or session policy. A trust policy denies: it has no resources to match.
decision evaluate(const document& policy, const request& asked, const context& facts);
/// A trust policy.
decision evaluate_trust(const document& policy, std::string_view action, const principal& caller,
                        const context& facts);

}  // namespace policy
