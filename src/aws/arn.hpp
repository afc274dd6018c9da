#pragma once

#include <string>
#include <string_view>

#include "base/error.hpp"

namespace aws {

/// arn:{partition}:{service}:{region}:{account}:{resource}; the resource may contain colons.
struct arn {
    std::string partition;
    std::string service;
    std::string region;
    std::string account;
    std::string resource;

    /// Splits; partition, service and resource must not be empty. No further checks.
    static base::result<arn> parse(std::string_view text);
    std::string text() const;
};

bool is_account_id(std::string_view text);         ///< 12 decimal digits
bool is_role_name(std::string_view text);          ///< 1-64 of [\w+=,.@-]
bool is_role_path(std::string_view text);          ///< "/" or "/…/", at most 512
bool is_role_session_name(std::string_view text);  ///< 2-64 of [\w+=,.@-]
bool is_region(std::string_view text);  ///< us-east-1, dc1-rack-2: lower-case, digits, '-'
/// As AWS names its own, in every partition: letters, parts of letters, a number (us-gov-west-1).
bool has_form_of_aws_region(std::string_view text);

/// The AWS name of things in an account.
std::string role_arn(std::string_view partition, std::string_view account, std::string_view path,
                     std::string_view name);
/// The role's path is dropped (STS).
std::string assumed_role_arn(std::string_view partition, std::string_view account,
                             std::string_view role_name, std::string_view session_name);
/// "readers" or, with a path, "/team/readers": what follows `policy` in a managed policy's ARN.
struct policy_reference {
    std::string path, name;  ///< path "/" or "/team/"
};
base::result<policy_reference> parse_policy_name(std::string_view text);
std::string policy_arn(std::string_view partition, std::string_view account, std::string_view path,
                       std::string_view name);
std::string root_arn(std::string_view partition, std::string_view account);
std::string federated_user_arn(std::string_view partition, std::string_view account,
                               std::string_view name);
/// From arn:p:iam::acct:role/path/name; error_kind::invalid for anything else.
struct role_reference {
    std::string partition, account, path, name;  ///< path "/" or "/team/"
};
base::result<role_reference> parse_role_arn(std::string_view text);

/// "amazonaws.com", "amazonaws.com.cn", …
std::string_view dns_suffix(std::string_view partition);
/// "aws" unless the region belongs to another partition (cn-…, us-gov-…).
std::string_view partition_of_region(std::string_view region);

}  // namespace aws
