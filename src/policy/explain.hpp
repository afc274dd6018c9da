#pragma once

#include <string>
#include <vector>

#include "policy/authorize.hpp"

namespace policy {

/// One condition on the request as it was.
struct condition_report {
    std::string operation;            ///< "StringEquals"
    std::string key;                  ///< lower case
    std::vector<std::string> wanted;  ///< as the policy has them
    bool present = false;             ///< the request has the key
    std::vector<std::string> got;
    verdict outcome = verdict::no;
};

/// One statement on the question: it applies when all its parts do.
struct statement_report {
    policy_type type = policy_type::identity;
    std::string policy;     ///< name; empty: it has none
    std::string statement;  ///< Sid or place
    bool allow = false;
    bool applies = false;
    bool principal_matches = true;
    bool action_matches = false;
    bool resource_matches = true;
    std::vector<condition_report> conditions;

    /// "s3:GetObject is not among its actions"; empty when it applies.
    std::string why_not() const;
};

/// Every statement of every policy that was asked, in the order of evaluation. For people who want
/// to know why: it allocates freely.
std::vector<statement_report> explain(const question& asked);

/// "StringEquals sts:externalid [a, b], the request has [c]"
std::string text_of(const condition_report& one);

}  // namespace policy
