#include "iam/provider_policies.hpp"

#include <string>

#include "aws/identifiers.hpp"
#include "crypto/hash.hpp"
#include "sts/task_policies.hpp"

namespace iam {

namespace {

struct row {
    std::string_view name, description, document;
};

constexpr row rows[] = {
    {administrator_access, "Provides full access to AWS services and resources.",
     R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]})"},
    {"PowerUserAccess",
     "Provides full access to AWS services and resources, but does not allow management of users "
     "and groups.",
     R"({"Version":"2012-10-17","Statement":[
{"Effect":"Allow","NotAction":["iam:*","organizations:*","account:*"],"Resource":"*"},
{"Effect":"Allow","Action":["iam:ListRoles"],"Resource":"*"}]})"},
    {"IAMFullAccess", "Provides full access to IAM.",
     R"({"Version":"2012-10-17","Statement":[
{"Effect":"Allow","Action":"iam:*","Resource":"*"}]})"},
    {"IAMReadOnlyAccess", "Provides read only access to IAM.",
     R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":[
"iam:GenerateCredentialReport","iam:GenerateServiceLastAccessedDetails","iam:Get*","iam:List*",
"iam:SimulateCustomPolicy","iam:SimulatePrincipalPolicy"],"Resource":"*"}]})"},
};

managed_policy made(std::string_view name, std::string_view path, std::string_view description,
                    std::string_view document) {
    managed_policy out;
    out.account = sts::managed_by_provider;
    out.path = path;
    out.name = name;
    // The same at every issuer.
    const auto hash = crypto::sha256("policy" + out.path + out.name);
    out.unique_id = aws::unique_id_from("ANPA", "000000000000", crypto::as_text(hash));
    out.owned_by = sts::managed_by_provider;
    out.description = description;
    out.versions.push_back({1, std::string(document), {}});
    return out;
}

}  // namespace

std::vector<managed_policy> provider_policies() {
    std::vector<managed_policy> out;
    for (const row& one : rows)
        out.push_back(made(one.name, "/", one.description, one.document));
    for (const sts::task_policy& one : sts::task_policies())
        out.push_back(made(one.name, sts::task_policy_path,
                           "For one task as the root of a member account.", one.document));
    return out;
}

}  // namespace iam
