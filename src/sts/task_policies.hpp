#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "sts/ports.hpp"

namespace sts {

/// A policy that AssumeRoot takes: it leaves a root session nothing but one task (IAM User Guide,
/// "AWS managed policies", root-task). They deny only, since a root has all permissions.
struct task_policy {
    enum class feature { root_credentials_management, root_sessions };
    std::string_view name;
    feature needs;  ///< of the organization
    std::string_view document;
};

inline constexpr std::string_view task_policy_path = "/root-task/";

/// arn:aws:iam::aws:policy/root-task/S3UnlockBucketPolicy
std::string task_policy_arn(std::string_view partition, const task_policy& policy);
/// Null for anything but the ARN of a task policy of this partition.
const task_policy* find_task_policy(std::string_view partition, std::string_view arn);
/// All of them, as a store has to know them.
std::vector<task_policy> task_policies();

}  // namespace sts
