#include "iam/records.hpp"

#include <algorithm>

#include "iam/directory.hpp"

namespace iam {

namespace {

/// False: one of them cannot be read.
bool parse(const sts::policy_list& texts, std::vector<sts::named_policy>& out) {
    for (const auto& [name, text] : texts) {
        auto parsed = policy::document::parse(text, policy::document_kind::identity);
        if (!parsed) return false;
        out.push_back({name, std::move(*parsed)});
    }
    return true;
}

}  // namespace

std::shared_ptr<const sts::user_record> make_record(const user& one, std::string arn) {
    auto out = std::make_shared<sts::user_record>();
    if (!parse(one.policies, out->policies)) return nullptr;
    out->account = one.account;
    out->path = one.path;
    out->name = one.name;
    out->arn = std::move(arn);
    out->unique_id = one.unique_id;
    out->tags = one.tags;
    out->managed_policies = one.attached;
    out->boundary = one.boundary;
    out->groups = one.groups;
    return out;
}

std::shared_ptr<const sts::group_record> make_record(const group& one, std::string arn) {
    auto out = std::make_shared<sts::group_record>();
    if (!parse(one.policies, out->policies)) return nullptr;
    out->account = one.account;
    out->arn = std::move(arn);
    out->managed_policies = one.attached;
    return out;
}

std::shared_ptr<const sts::role_record> make_record(const role& one, std::string arn) {
    auto trust = policy::document::parse(one.trust_policy, policy::document_kind::trust);
    if (!trust) return nullptr;
    trust->bind([&](std::string_view named_arn) -> std::optional<std::string> {
        const auto found =
            std::find_if(one.trusted_ids.begin(), one.trusted_ids.end(),
                         [&](const auto& known) { return known.first == named_arn; });
        if (found == one.trusted_ids.end()) return std::nullopt;
        return found->second;
    });
    auto out = std::make_shared<sts::role_record>(sts::role_record{one.account,
                                                                   one.path,
                                                                   one.name,
                                                                   std::move(arn),
                                                                   one.unique_id,
                                                                   std::move(*trust),
                                                                   {},
                                                                   one.max_session_duration,
                                                                   one.tags,
                                                                   one.attached,
                                                                   one.boundary});
    if (!parse(one.policies, out->policies)) return nullptr;
    return out;
}

std::shared_ptr<const sts::managed_policy_record> make_record(const managed_policy& one,
                                                              std::string arn) {
    auto parsed = policy::document::parse(one.in_force().document, policy::document_kind::boundary);
    if (!parsed) return nullptr;
    return std::make_shared<const sts::managed_policy_record>(
        sts::managed_policy_record{one.account, std::move(arn), std::move(*parsed)});
}

std::shared_ptr<const policy::document> make_verification_policy(const account& one,
                                                                 const directory& among) {
    auto parsed = policy::document::parse(one.verification_policy, policy::document_kind::resource);
    if (!parsed) return nullptr;
    parsed->bind([&](std::string_view arn) -> std::optional<std::string> {
        std::string id = among.id_of_arn(arn);
        if (id.empty()) return std::nullopt;
        return id;
    });
    return std::make_shared<const policy::document>(std::move(*parsed));
}

}  // namespace iam
