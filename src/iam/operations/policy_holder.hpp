#pragma once

#include <algorithm>
#include <string>
#include <string_view>

#include "iam/limits.hpp"
#include "iam/operation.hpp"
#include "iam/operations/parameters.hpp"
#include "iam/operations/role_target.hpp"
#include "iam/operations/user_target.hpp"

namespace iam {

/// Users, groups and roles hold policies in the same way; what differs is in here.
template <class Entity>
struct holder_words;

template <>
struct holder_words<user> {
    static constexpr std::string_view noun = "user";
    static constexpr std::string_view parameter = "UserName";
    static constexpr std::string_view member = "userName";
    static constexpr std::size_t longest_name = long_name_characters;
    static constexpr std::string_view attachment_quota = "PoliciesPerUser";
    static constexpr std::size_t inline_characters = user_policy_characters;
    static const user* find(const operation_call& call, std::string_view name) {
        return call.now.user_of(call.account, name);
    }
    static operation_facts facts(const user& one) { return facts_of(one); }
    static operation_facts facts_to_change(const user& one) { return facts_with_boundary(one); }
    static base::result<void> check_changeable(const user& one) {
        return check_not_of_file(one, noun);
    }
};

template <>
struct holder_words<group> {
    static constexpr std::string_view noun = "group";
    static constexpr std::string_view parameter = "GroupName";
    static constexpr std::string_view member = "groupName";
    static constexpr std::size_t longest_name = long_name_characters;
    static constexpr std::string_view attachment_quota = "PoliciesPerGroup";
    static constexpr std::size_t inline_characters = group_policy_characters;
    static const group* find(const operation_call& call, std::string_view name) {
        return call.now.group_of(call.account, name);
    }
    static operation_facts facts(const group&) { return {}; }
    static operation_facts facts_to_change(const group&) { return {}; }
    static base::result<void> check_changeable(const group& one) {
        return check_not_of_file(one, noun);
    }
};

template <>
struct holder_words<role> {
    static constexpr std::string_view noun = "role";
    static constexpr std::string_view parameter = "RoleName";
    static constexpr std::string_view member = "roleName";
    static constexpr std::size_t longest_name = name_characters;
    static constexpr std::string_view attachment_quota = "PoliciesPerRole";
    static constexpr std::size_t inline_characters = role_policy_characters;
    static const role* find(const operation_call& call, std::string_view name) {
        return call.now.role_of(call.account, name);
    }
    static operation_facts facts(const role& one) { return facts_of(one); }
    static operation_facts facts_to_change(const role& one) { return facts_with_boundary(one); }
    static base::result<void> check_changeable(const role& one) {
        return iam::check_changeable(one);
    }
};

/// The user, group or role that an operation names; authorised in the same way whether it exists or
/// not.
template <class Entity>
class policy_holder {
public:
    using words = holder_words<Entity>;

    policy_holder(const operation_call& call, std::string_view name)
        : found_(words::find(call, name)) {
        if (found_ != nullptr) return;
        stand_in_.account = call.account;
        stand_in_.name = name;
    }

    /// What stands for it in questions of permission.
    const Entity& asked() const { return found_ == nullptr ? stand_in_ : *found_; }

    /// Only after one of these.
    const Entity& operator*() const { return *found_; }
    const Entity* operator->() const { return found_; }

    base::result<void> enter(operation_call& call, std::string_view action) const {
        return enter(call, action, words::facts(asked()));
    }
    /// Not of a file, too. `policy_arn`: iam:PolicyARN; empty: not known to the action.
    base::result<void> enter_to_change(operation_call& call, std::string_view action,
                                       const std::string& policy_arn = {}) const {
        operation_facts facts = words::facts_to_change(asked());
        if (!policy_arn.empty()) facts.more.emplace_back("iam:PolicyARN", policy_arn);
        if (const auto may = enter(call, action, facts); !may) return may;
        return words::check_changeable(*found_);
    }

private:
    base::result<void> enter(operation_call& call, std::string_view action,
                             const operation_facts& facts) const {
        if (const auto may = authorize(call, action, call.now.arn_of(asked()), facts); !may)
            return may;
        if (found_ == nullptr) return no_such(words::noun, stand_in_.name);
        return {};
    }

    const Entity* found_;
    Entity stand_in_;
};

inline bool is_member(const user& one, const group& of) {
    return one.account == of.account &&
           std::find(one.groups.begin(), one.groups.end(), of.name) != one.groups.end();
}
/// In no particular order.
template <class Call>
void for_each_member(const operation_call& call, const group& of, Call&& each) {
    call.now.for_each(entity_kind::user, [&](const entity& one) {
        const user& candidate = std::get<user>(one);
        if (is_member(candidate, of)) each(candidate);
    });
}

}  // namespace iam
