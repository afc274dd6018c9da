#include <algorithm>
#include <charconv>
#include <cstdint>
#include <utility>

#include "iam/limits.hpp"
#include "iam/operation.hpp"
#include "iam/operations/parameters.hpp"
#include "iam/operations/policy_parameters.hpp"
#include "iam/operations/policy_target.hpp"
#include "iam/operations/policy_text.hpp"
#include "sts/audit.hpp"
#include "sts/wire_error.hpp"

namespace iam {

namespace {

using sts::result_node;

constexpr std::string_view version_pattern = "v[1-9][0-9]*(\\.[A-Za-z0-9-]*)?";
const sts::character_class no_version{[](char32_t) { return false; }, version_pattern};
const sts::character_class version_characters{[](char32_t c) {
                                                  return (c >= '0' && c <= '9') ||
                                                         (c >= 'a' && c <= 'z') ||
                                                         (c >= 'A' && c <= 'Z') || c == '.' ||
                                                         c == '-';
                                              },
                                              version_pattern};

bool is_version_id(std::string_view text) {
    return text.size() >= 2 && text[0] == 'v' && text[1] >= '1' && text[1] <= '9' &&
           std::all_of(text.begin() + 2,
                       text.begin() + std::ptrdiff_t(std::min(text.find('.'), text.size())),
                       [](char c) { return c >= '0' && c <= '9'; });
}

/// PolicyArn and VersionId.
struct version_reference {
    std::string arn, id;

    /// 0: no version has such an id (no id of ours has a dot).
    std::uint32_t number() const {
        std::uint32_t out = 0;
        const char* end = id.data() + id.size();
        const auto read = std::from_chars(id.data() + 1, end, out);
        return read.ec == std::errc() && read.ptr == end ? out : 0;
    }
};

base::result<version_reference> read_version(operation_call& call) {
    const auto arn = call.given.text("PolicyArn");
    const auto id = call.given.text("VersionId");
    sts::put(call.record.request_parameters, "policyArn", arn);
    sts::put(call.record.request_parameters, "versionId", id);
    sts::constraints c;
    require_arn(c, arn, "policyArn");
    c.required(id, "versionId");
    c.text(id, "versionId", {1}, id && is_version_id(*id) ? &version_characters : &no_version);
    if (const auto done = c.check(); !done) return done.error();
    return version_reference{*arn, *id};
}

template <class Policy>
auto find_version(Policy& in, const version_reference& wanted) {
    return std::find_if(in.versions.begin(), in.versions.end(),
                        [&](const policy_version& one) { return one.number == wanted.number(); });
}

base::error no_such_version(const version_reference& wanted) {
    return sts::wire_error("NoSuchEntity", "Policy " + wanted.arn + " version " + wanted.id +
                                               " does not exist or is not attachable.");
}

std::vector<result_node> shown_version(const policy_version& one, const managed_policy& of,
                                       bool with_document) {
    std::vector<result_node> out;
    if (with_document) out.push_back(shown_policy("Document", one.document));
    out.push_back(result_node::text("VersionId", "v" + std::to_string(one.number)));
    out.push_back(
        result_node::text("IsDefaultVersion", one.number == of.default_version ? "true" : "false"));
    out.push_back(result_node::time("CreateDate", one.created));
    return out;
}

operation_result stored(managed_policy made) {
    operation_outcome out;
    out.changes.push_back(put(std::move(made)));
    return out;
}

operation_result create_policy_version(operation_call& call) {
    const auto arn = call.given.text("PolicyArn");
    const auto text = call.given.text("PolicyDocument");
    const auto as_default = call.given.text("SetAsDefault");
    sts::put(call.record.request_parameters, "policyArn", arn);
    sts::put(call.record.request_parameters, "policyDocument", text);
    sts::put(call.record.request_parameters, "setAsDefault", as_default);
    sts::constraints c;
    require_arn(c, arn, "policyArn");
    require_policy_document(c, text);
    if (const auto done = c.check(); !done) return done.error();
    const auto is_default = read_flag(as_default, "SetAsDefault");
    if (!is_default) return is_default.error();
    const auto target = enter_to_change(call, "iam:CreatePolicyVersion", *arn);
    if (!target) return target.error();
    managed_policy made = *target->found;
    if (made.versions.size() >= most_policy_versions)
        return sts::wire_error("LimitExceeded",
                               "A managed policy can have up to 5 versions. Before you create a "
                               "new version, you must delete an existing version.");
    if (const auto good = check_managed_policy(*text); !good) return good.error();
    // A number is never given twice.
    made.versions.push_back({++made.last_version, *text, call.made.now});
    if (*is_default) made.default_version = made.last_version;
    made.updated = call.made.now;
    operation_outcome out;
    out.answer.push_back(
        result_node::group("PolicyVersion", shown_version(made.versions.back(), made, false)));
    out.changes.push_back(put(std::move(made)));
    return out;
}

operation_result get_policy_version(operation_call& call) {
    const auto wanted = read_version(call);
    if (!wanted) return wanted.error();
    const auto target = enter(call, "iam:GetPolicyVersion", wanted->arn);
    if (!target) return target.error();
    const managed_policy& one = *target->found;
    const auto found = find_version(one, *wanted);
    if (found == one.versions.end()) return no_such_version(*wanted);
    operation_outcome out;
    out.answer.push_back(result_node::group("PolicyVersion", shown_version(*found, one, true)));
    return out;
}

/// The newest first, as AWS lists them.
operation_result list_policy_versions(operation_call& call) {
    const auto wanted = read_page(call);
    if (!wanted) return wanted.error();
    const auto arn = read_policy_arn(call);
    if (!arn) return arn.error();
    const auto target = enter(call, "iam:ListPolicyVersions", *arn);
    if (!target) return target.error();
    page_collector<const policy_version*> found(*wanted);
    for (const policy_version& one : target->found->versions) {
        const std::string rest = std::to_string(UINT32_MAX - one.number);
        found.offer(std::string(10 - rest.size(), '0') + rest, &one);
    }
    operation_outcome out;
    add_list(out.answer, "Versions", found, [&](const policy_version* one) {
        return result_node::group("member", shown_version(*one, *target->found, false));
    });
    return out;
}

operation_result set_default_policy_version(operation_call& call) {
    const auto wanted = read_version(call);
    if (!wanted) return wanted.error();
    const auto target = enter_to_change(call, "iam:SetDefaultPolicyVersion", wanted->arn);
    if (!target) return target.error();
    managed_policy made = *target->found;
    if (find_version(made, *wanted) == made.versions.end()) return no_such_version(*wanted);
    made.default_version = wanted->number();
    made.updated = call.made.now;
    return stored(std::move(made));
}

operation_result delete_policy_version(operation_call& call) {
    const auto wanted = read_version(call);
    if (!wanted) return wanted.error();
    const auto target = enter_to_change(call, "iam:DeletePolicyVersion", wanted->arn);
    if (!target) return target.error();
    managed_policy made = *target->found;
    const auto found = find_version(made, *wanted);
    if (found == made.versions.end()) return no_such_version(*wanted);
    if (found->number == made.default_version)
        return sts::wire_error("DeleteConflict", "Cannot delete the default version of a policy.");
    made.versions.erase(found);
    made.updated = call.made.now;
    return stored(std::move(made));
}

constexpr operation_row rows[] = {
    writes("CreatePolicyVersion", create_policy_version),
    reads("GetPolicyVersion", get_policy_version),
    reads("ListPolicyVersions", list_policy_versions),
    writes("SetDefaultPolicyVersion", set_default_policy_version),
    writes("DeletePolicyVersion", delete_policy_version),
};

}  // namespace

std::span<const operation_row> policy_version_operations() {
    return rows;
}

}  // namespace iam
