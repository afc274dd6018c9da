#include "iam/operations/shown_roles.hpp"

#include "iam/operations/policy_text.hpp"
#include "iam/operations/shown.hpp"
#include "iam/trust_binding.hpp"
#include "sts/task_policies.hpp"

namespace iam {

using sts::result_node;

namespace {

result_node shown_last_use(const std::optional<last_use>& last) {
    std::vector<result_node> members;
    if (last) {
        members.push_back(result_node::time("LastUsedDate", last->at));
        members.push_back(result_node::text("Region", last->region));
    }
    return result_node::group("RoleLastUsed", std::move(members));
}

std::vector<result_node> shown_head(const role& one, const directory& among) {
    return {result_node::text("Path", one.path),
            result_node::text("RoleName", one.name),
            result_node::text("RoleId", one.unique_id),
            result_node::text("Arn", among.arn_of(one)),
            result_node::time("CreateDate", one.created),
            shown_policy("AssumeRolePolicyDocument", shown_trust_policy(one, among))};
}

void add_tail(std::vector<result_node>& to, const role& one, const key_usage* uses) {
    if (!one.boundary.empty()) to.push_back(shown_boundary(one.boundary));
    if (!one.tags.empty()) to.push_back(shown_tags(one.tags));
    if (uses != nullptr) to.push_back(shown_last_use(uses->of(one.unique_id)));
}

}  // namespace

std::vector<result_node> shown(const role& one, const directory& among) {
    std::vector<result_node> out = shown_head(one, among);
    if (!one.description.empty()) out.push_back(result_node::text("Description", one.description));
    out.push_back(result_node::number("MaxSessionDuration", one.max_session_duration.count()));
    return out;
}

std::vector<result_node> shown_with_tags(const role& one, const directory& among,
                                         const key_usage* uses) {
    std::vector<result_node> out = shown(one, among);
    add_tail(out, one, uses);
    return out;
}

std::vector<result_node> shown_detail(const role& one, const directory& among,
                                      const key_usage* uses) {
    std::vector<result_node> out = shown_head(one, among);
    add_tail(out, one, uses);
    return out;
}

std::vector<result_node> shown(const instance_profile& one, const directory& among) {
    std::vector<result_node> roles;
    if (const role* holds = one.role.empty() ? nullptr : among.role_of(one.account, one.role))
        roles.push_back(result_node::group("member", shown(*holds, among)));
    return {result_node::text("Path", one.path),
            result_node::text("InstanceProfileName", one.name),
            result_node::text("InstanceProfileId", one.unique_id),
            result_node::text("Arn", among.arn_of(one)),
            result_node::time("CreateDate", one.created),
            result_node::list("Roles", std::move(roles))};
}

std::vector<result_node> shown_with_tags(const instance_profile& one, const directory& among) {
    std::vector<result_node> out = shown(one, among);
    if (!one.tags.empty()) out.push_back(shown_tags(one.tags));
    return out;
}

namespace {

std::vector<result_node> shown_policy_head(const managed_policy& one, const directory& among,
                                           std::string_view account) {
    const std::string arn = among.arn_of(one);
    const use_count uses = among.uses_of_policy(account, arn);
    // A task policy is for the session of a root, and for nothing else.
    const bool attachable = sts::find_task_policy(among.partition(), arn) == nullptr;
    return {
        result_node::text("PolicyName", one.name),
        result_node::text("PolicyId", one.unique_id),
        result_node::text("Arn", arn),
        result_node::text("Path", one.path),
        result_node::text("DefaultVersionId", "v" + std::to_string(one.default_version)),
        result_node::number("AttachmentCount", static_cast<long long>(uses.attached)),
        result_node::number("PermissionsBoundaryUsageCount", static_cast<long long>(uses.boundary)),
        result_node::text("IsAttachable", attachable ? "true" : "false")};
}

void add_dates(std::vector<result_node>& to, const managed_policy& one) {
    to.push_back(result_node::time("CreateDate", one.created));
    to.push_back(result_node::time("UpdateDate", one.updated));
}

}  // namespace

std::vector<result_node> shown(const managed_policy& one, const directory& among,
                               std::string_view account) {
    std::vector<result_node> out = shown_policy_head(one, among, account);
    add_dates(out, one);
    return out;
}

std::vector<result_node> shown_detail(const managed_policy& one, const directory& among,
                                      std::string_view account) {
    std::vector<result_node> out = shown_policy_head(one, among, account);
    if (!one.description.empty()) out.push_back(result_node::text("Description", one.description));
    add_dates(out, one);
    return out;
}

std::vector<result_node> shown_with_tags(const managed_policy& one, const directory& among,
                                         std::string_view account) {
    std::vector<result_node> out = shown_detail(one, among, account);
    if (!one.tags.empty()) out.push_back(shown_tags(one.tags));
    return out;
}

}  // namespace iam
