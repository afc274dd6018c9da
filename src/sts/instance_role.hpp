#pragma once

#include <string>
#include <string_view>

namespace sts {

/// The role that every instance has besides the one that it is given (EC2 User Guide, "Instance
/// identity roles"). No one can make it, assume it or attach a policy to it.
inline constexpr std::string_view instance_role_name = "aws:ec2-instance";

/// arn:aws:iam::123456789012:role/aws:ec2-instance
std::string instance_role_arn(std::string_view partition, std::string_view account);

/// AROA…, the same at every issuer: derived from the ARN.
std::string instance_role_id(std::string_view partition, std::string_view account);

}  // namespace sts
