#include "sts/task_policies.hpp"

#include <iterator>

namespace sts {

namespace {

using feature = task_policy::feature;

constexpr task_policy policies[] = {
    {"IAMAuditRootUserCredentials", feature::root_credentials_management,
     R"({"Version":"2012-10-17","Statement":[
{"Sid":"DenyAllOtherActionsOnAnyResource","Effect":"Deny","NotAction":["iam:ListAccessKeys",
"iam:ListSigningCertificates","iam:GetLoginProfile","iam:ListMFADevices","iam:GetAccountSummary",
"iam:GetUser","iam:GetAccessKeyLastUsed"],"Resource":"*"},
{"Sid":"DenyAuditingCredentialsOnNonRootUserResource","Effect":"Deny","Action":[
"iam:ListAccessKeys","iam:ListSigningCertificates","iam:GetLoginProfile","iam:ListMFADevices",
"iam:GetUser","iam:GetAccessKeyLastUsed"],"NotResource":"arn:*:iam::*:root"}]})"},
    {"IAMCreateRootUserPassword", feature::root_credentials_management,
     R"({"Version":"2012-10-17","Statement":[
{"Sid":"DenyAllOtherActionsOnAnyResource","Effect":"Deny","NotAction":["iam:CreateLoginProfile",
"iam:GetLoginProfile"],"Resource":"*"},
{"Sid":"DenyCreatingPasswordOnNonRootUserResource","Effect":"Deny","Action":[
"iam:CreateLoginProfile","iam:GetLoginProfile"],"NotResource":"arn:*:iam::*:root"}]})"},
    {"IAMDeleteRootUserCredentials", feature::root_credentials_management,
     R"({"Version":"2012-10-17","Statement":[
{"Sid":"DenyAllOtherActionsOnAnyResource","Effect":"Deny","NotAction":["iam:DeleteAccessKey",
"iam:DeleteSigningCertificate","iam:DeleteLoginProfile","iam:DeactivateMFADevice",
"iam:ListAccessKeys","iam:ListSigningCertificates","iam:GetLoginProfile","iam:ListMFADevices",
"iam:GetUser","iam:GetAccessKeyLastUsed"],"Resource":"*"},
{"Sid":"DenyDeletingRootUserCredentialsOnNonRootUserResource","Effect":"Deny","Action":[
"iam:DeleteAccessKey","iam:DeleteSigningCertificate","iam:DeleteLoginProfile",
"iam:DeactivateMFADevice","iam:ListAccessKeys","iam:ListSigningCertificates",
"iam:GetLoginProfile","iam:ListMFADevices","iam:GetUser","iam:GetAccessKeyLastUsed"],
"NotResource":"arn:*:iam::*:root"}]})"},
    {"S3UnlockBucketPolicy", feature::root_sessions,
     R"({"Version":"2012-10-17","Statement":[
{"Sid":"DenyAllOtherActionsOnAnyResource","Effect":"Deny","NotAction":["s3:DeleteBucketPolicy",
"s3:PutBucketPolicy","s3:GetBucketPolicy","s3:ListAllMyBuckets"],"Resource":"*"},
{"Sid":"DenyManagingBucketPolicyForNonRootCallers","Effect":"Deny","Action":[
"s3:DeleteBucketPolicy","s3:PutBucketPolicy","s3:GetBucketPolicy","s3:ListAllMyBuckets"],
"Resource":"*","Condition":{"ArnNotLike":{"aws:PrincipalArn":"arn:*:iam::*:root"}}}]})"},
    {"SQSUnlockQueuePolicy", feature::root_sessions,
     R"({"Version":"2012-10-17","Statement":[
{"Sid":"DenyAllOtherActionsOnAnyResource","Effect":"Deny","NotAction":["sqs:SetQueueAttributes",
"sqs:GetQueueAttributes","sqs:ListQueues","sqs:GetQueueUrl"],"Resource":"*"},
{"Sid":"DenyGettingQueueAttributesOnNonOwnQueue","Effect":"Deny","Action":[
"sqs:GetQueueAttributes"],"Resource":"*","Condition":{"StringNotEquals":{
"aws:ResourceAccount":"${aws:PrincipalAccount}"}}},
{"Sid":"DenyActionsForNonRootUser","Effect":"Deny","Action":["sqs:SetQueueAttributes",
"sqs:GetQueueAttributes","sqs:ListQueues","sqs:GetQueueUrl"],"Resource":"*","Condition":{
"ArnNotLike":{"aws:PrincipalArn":"arn:*:iam::*:root"}}}]})"},
};

}  // namespace

std::string task_policy_arn(std::string_view partition, const task_policy& policy) {
    return "arn:" + std::string(partition) + ":iam::aws:policy" + std::string(task_policy_path) +
           std::string(policy.name);
}

const task_policy* find_task_policy(std::string_view partition, std::string_view arn) {
    for (const task_policy& one : policies) {
        if (task_policy_arn(partition, one) == arn) return &one;
    }
    return nullptr;
}

std::vector<task_policy> task_policies() {
    return {std::begin(policies), std::end(policies)};
}

}  // namespace sts
