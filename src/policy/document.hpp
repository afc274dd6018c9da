#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "policy/condition.hpp"
#include "policy/context.hpp"
#include "policy/pattern.hpp"
#include "policy/principal.hpp"

namespace policy {

enum class document_kind {
    identity,  ///< attached to a user or role
    session,   ///< passed while assuming a role; looser literals
    trust,     ///< who may assume a role: has Principal, has no Resource
};

/// Named limits. White space does not count (IAM quotas).
inline constexpr std::size_t identity_policy_characters = 10'240;
inline constexpr std::size_t trust_policy_characters = 4'096;
inline constexpr std::size_t session_policy_characters = 2'048;

struct statement {
    std::string sid;
    bool allow = false;
    bool not_action = false;
    bool not_resource = false;
    std::vector<std::string> actions;           ///< compiled, lower case
    std::vector<pattern> resources;             ///< none in trust policies
    std::vector<principal_element> principals;  ///< trust policies only
    std::vector<condition> conditions;
};

/// An IAM policy, parsed strictly and compiled once. Immutable, so threads share it.
class document {
public:
    /// Errors carry AWS's text and `code` "MalformedPolicyDocument".
    static base::result<document> parse(std::string_view json, document_kind kind);

    document_kind kind() const { return kind_; }
    const std::vector<statement>& statements() const { return statements_; }
    /// The statement's Sid, or "Statement[2]" (from 0).
    std::string label(std::size_t index) const;

private:
    document_kind kind_ = document_kind::identity;
    std::vector<statement> statements_;
};

}  // namespace policy
