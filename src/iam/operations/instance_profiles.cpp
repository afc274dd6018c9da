#include <string_view>
#include <utility>

#include "aws/arn.hpp"
#include "aws/identifiers.hpp"
#include "iam/limits.hpp"
#include "iam/operation.hpp"
#include "iam/operations/list_below.hpp"
#include "iam/operations/parameters.hpp"
#include "iam/operations/role_target.hpp"
#include "iam/operations/shown_roles.hpp"
#include "iam/operations/tags.hpp"
#include "sts/actions/session_request.hpp"
#include "sts/audit.hpp"
#include "sts/wire_error.hpp"

namespace iam {

namespace {

/// Known or not, what is asked about it is authorised in the same way.
struct profile_target {
    const instance_profile* found = nullptr;
    instance_profile stand_in{};

    const instance_profile& asked() const { return found == nullptr ? stand_in : *found; }
    base::error missing() const {
        return sts::wire_error("NoSuchEntity",
                               "Instance Profile " + stand_in.name + " cannot be found.");
    }
};

profile_target find_profile(const operation_call& call, const std::string& name) {
    profile_target out;
    out.found = call.now.instance_profile_of(call.account, name);
    if (out.found != nullptr) return out;
    out.stand_in.account = call.account;
    out.stand_in.name = name;
    return out;
}

base::result<void> may_use(operation_call& call, std::string_view action,
                           const profile_target& target, operation_facts facts = {}) {
    facts.resource_tags = &target.asked().tags;
    return authorize(call, action, call.now.arn_of(target.asked()), facts);
}

base::result<void> enter(operation_call& call, std::string_view action,
                         const profile_target& target) {
    if (const auto may = may_use(call, action, target); !may) return may;
    if (target.found == nullptr) return target.missing();
    return {};
}

base::result<void> enter_to_change(operation_call& call, std::string_view action,
                                   const profile_target& target, operation_facts facts = {}) {
    if (const auto may = may_use(call, action, target, std::move(facts)); !may) return may;
    if (target.found == nullptr) return target.missing();
    return check_not_of_file(*target.found, "instance profile");
}

base::result<std::string> read_profile_name(operation_call& call) {
    const auto name = call.given.text("InstanceProfileName");
    sts::put(call.record.request_parameters, "instanceProfileName", name);
    sts::constraints c;
    require_name(c, name, "instanceProfileName", long_name_characters);
    if (const auto done = c.check(); !done) return done.error();
    return *name;
}

operation_result stored(instance_profile made) {
    operation_outcome out;
    out.changes.push_back(put(std::move(made)));
    return out;
}

operation_result create_instance_profile(operation_call& call) {
    const auto name = call.given.text("InstanceProfileName");
    const auto path = call.given.text("Path");
    const auto tags = sts::read_tags(call.given);
    if (!tags) return tags.error();
    sts::put(call.record.request_parameters, "instanceProfileName", name);
    sts::put(call.record.request_parameters, "path", path);
    sts::put_tags(call.record.request_parameters, *tags);
    sts::constraints c;
    require_name(c, name, "instanceProfileName", long_name_characters);
    check_path(c, path);
    sts::check_model(c, *tags);
    if (const auto done = c.check(); !done) return done.error();
    instance_profile made;
    made.account = call.account;
    made.path = path.value_or("/");
    made.name = *name;
    made.tags = sts::tags_of(*tags);
    const operation_facts facts{nullptr, &made.tags};
    const std::string arn = call.now.arn_of(made);
    if (const auto may = authorize(call, "iam:CreateInstanceProfile", arn, facts); !may)
        return may.error();
    if (!made.tags.empty()) {
        if (const auto may = authorize(call, "iam:TagInstanceProfile", arn, facts); !may)
            return may.error();
    }
    if (const auto good = check_new_tags(made.tags); !good) return good.error();
    if (call.now.instance_profile_of(call.account, made.name) != nullptr)
        return sts::wire_error("EntityAlreadyExists",
                               "Instance Profile " + made.name + " already exists.");
    made.unique_id = aws::make_unique_id("AIPA", call.account, call.made.random);
    made.created = call.made.now;
    operation_outcome out;
    out.answer.push_back(
        sts::result_node::group("InstanceProfile", shown_with_tags(made, call.now)));
    out.changes.push_back(put(std::move(made)));
    return out;
}

operation_result get_instance_profile(operation_call& call) {
    const auto name = read_profile_name(call);
    if (!name) return name.error();
    const profile_target target = find_profile(call, *name);
    if (const auto may = enter(call, "iam:GetInstanceProfile", target); !may) return may.error();
    operation_outcome out;
    out.answer.push_back(
        sts::result_node::group("InstanceProfile", shown_with_tags(*target.found, call.now)));
    return out;
}

operation_result list_instance_profiles(operation_call& call) {
    return list_below<instance_profile>(
        call,
        {entity_kind::instance_profile, "iam:ListInstanceProfiles", "instance-profile",
         "InstanceProfiles"},
        [&](const instance_profile& one) { return shown(one, call.now); });
}

operation_result delete_instance_profile(operation_call& call) {
    const auto name = read_profile_name(call);
    if (!name) return name.error();
    const profile_target target = find_profile(call, *name);
    if (const auto may = enter_to_change(call, "iam:DeleteInstanceProfile", target); !may)
        return may.error();
    if (!target.found->role.empty())
        return sts::wire_error("DeleteConflict",
                               "Cannot delete entity, must remove roles from instance profile "
                               "first.");
    operation_outcome out;
    out.changes.push_back(removal(entity_kind::instance_profile, key_of(*target.found)));
    return out;
}

/// InstanceProfileName and RoleName.
struct profile_and_role {
    profile_target profile;
    role_target of;
};
base::result<profile_and_role> read_profile_and_role(operation_call& call) {
    const auto name = call.given.text("InstanceProfileName");
    const auto role_name = call.given.text("RoleName");
    sts::put(call.record.request_parameters, "instanceProfileName", name);
    sts::put(call.record.request_parameters, "roleName", role_name);
    sts::constraints c;
    require_name(c, name, "instanceProfileName", long_name_characters);
    require_name(c, role_name, "roleName", name_characters);
    if (const auto done = c.check(); !done) return done.error();
    return profile_and_role{find_profile(call, *name), find_role(call, *role_name)};
}

/// Whoever puts a role there gives it to instances: they must be allowed to pass it to EC2.
base::result<void> may_pass(operation_call& call, const role& one) {
    operation_facts facts = facts_of(one);
    facts.more.emplace_back("iam:PassedToService",
                            "ec2." + std::string(aws::dns_suffix(call.now.partition())));
    return authorize(call, "iam:PassRole", call.now.arn_of(one), facts);
}

operation_result add_role_to_instance_profile(operation_call& call) {
    const auto asked = read_profile_and_role(call);
    if (!asked) return asked.error();
    if (const auto may = may_use(call, "iam:AddRoleToInstanceProfile", asked->profile); !may)
        return may.error();
    if (const auto may = may_pass(call, asked->of.asked()); !may) return may.error();
    if (asked->profile.found == nullptr) return asked->profile.missing();
    instance_profile made = *asked->profile.found;
    if (const auto good = check_not_of_file(made, "instance profile"); !good) return good.error();
    if (asked->of.found == nullptr) return no_such("role", asked->of.stand_in.name);
    if (!made.role.empty())
        return sts::wire_error("LimitExceeded",
                               "Cannot exceed quota for InstanceSessionsPerInstanceProfile: 1");
    made.role = asked->of.found->name;
    return stored(std::move(made));
}

operation_result remove_role_from_instance_profile(operation_call& call) {
    const auto asked = read_profile_and_role(call);
    if (!asked) return asked.error();
    const auto may = enter_to_change(call, "iam:RemoveRoleFromInstanceProfile", asked->profile);
    if (!may) return may.error();
    instance_profile made = *asked->profile.found;
    const bool held = !made.role.empty() && key_of(call.account, made.role) ==
                                                key_of(call.account, asked->of.asked().name);
    if (!held) return no_such("role", asked->of.asked().name);
    made.role.clear();
    return stored(std::move(made));
}

operation_result tag_instance_profile(operation_call& call) {
    const auto name = call.given.text("InstanceProfileName");
    const auto tags = sts::read_tags(call.given);
    if (!tags) return tags.error();
    sts::put(call.record.request_parameters, "instanceProfileName", name);
    sts::put_tags(call.record.request_parameters, *tags);
    sts::constraints c;
    require_name(c, name, "instanceProfileName", long_name_characters);
    sts::check_model(c, *tags);
    if (const auto done = c.check(); !done) return done.error();
    const profile_target target = find_profile(call, *name);
    const sts::tag_list added = sts::tags_of(*tags);
    const auto may = enter_to_change(call, "iam:TagInstanceProfile", target, {nullptr, &added});
    if (!may) return may.error();
    instance_profile made = *target.found;
    if (const auto good = add_tags(made.tags, added); !good) return good.error();
    return stored(std::move(made));
}

operation_result untag_instance_profile(operation_call& call) {
    const auto name = call.given.text("InstanceProfileName");
    const auto keys = read_tag_keys(call.given);
    if (!keys) return keys.error();
    sts::put(call.record.request_parameters, "instanceProfileName", name);
    put_tag_keys(call.record.request_parameters, *keys);
    sts::constraints c;
    require_name(c, name, "instanceProfileName", long_name_characters);
    check_tag_keys(c, *keys);
    if (const auto done = c.check(); !done) return done.error();
    const profile_target target = find_profile(call, *name);
    std::vector<std::string> gone;
    for (const auto& key : *keys)
        gone.push_back(*key);
    operation_facts facts;
    facts.tag_keys = &gone;
    const auto may = enter_to_change(call, "iam:UntagInstanceProfile", target, std::move(facts));
    if (!may) return may.error();
    instance_profile made = *target.found;
    remove_tags(made.tags, gone);
    return stored(std::move(made));
}

operation_result list_instance_profile_tags(operation_call& call) {
    const auto wanted = read_page(call);
    if (!wanted) return wanted.error();
    const auto name = read_profile_name(call);
    if (!name) return name.error();
    const profile_target target = find_profile(call, *name);
    if (const auto may = enter(call, "iam:ListInstanceProfileTags", target); !may)
        return may.error();
    operation_outcome out;
    add_tag_page(out.answer, target.found->tags, *wanted);
    return out;
}

constexpr operation_row rows[] = {
    writes("CreateInstanceProfile", create_instance_profile),
    reads("GetInstanceProfile", get_instance_profile),
    reads("ListInstanceProfiles", list_instance_profiles),
    writes("DeleteInstanceProfile", delete_instance_profile),
    writes("AddRoleToInstanceProfile", add_role_to_instance_profile),
    writes("RemoveRoleFromInstanceProfile", remove_role_from_instance_profile),
    writes("TagInstanceProfile", tag_instance_profile),
    writes("UntagInstanceProfile", untag_instance_profile),
    reads("ListInstanceProfileTags", list_instance_profile_tags),
};

}  // namespace

std::span<const operation_row> instance_profile_operations() {
    return rows;
}

}  // namespace iam
