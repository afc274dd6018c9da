#include <algorithm>

#include "iam/limits.hpp"
#include "iam/operation.hpp"
#include "iam/operations/parameters.hpp"
#include "iam/operations/shown.hpp"
#include "iam/operations/tags.hpp"
#include "iam/operations/user_target.hpp"
#include "sts/audit.hpp"

namespace iam {

namespace {

operation_result tag_user(operation_call& call) {
    const auto name = call.given.text("UserName");
    const auto tags = sts::read_tags(call.given);
    if (!tags) return tags.error();
    sts::put(call.record.request_parameters, "userName", name);
    sts::put_tags(call.record.request_parameters, *tags);
    sts::constraints c;
    require_name(c, name, "userName", long_name_characters);
    sts::check_model(c, *tags);
    if (const auto done = c.check(); !done) return done.error();
    const user_target target = find_user(call, *name);
    const sts::tag_list added = sts::tags_of(*tags);
    operation_facts facts = facts_of(target.asked());
    facts.request_tags = &added;
    if (const auto may = enter_to_change(call, "iam:TagUser", target, facts); !may)
        return may.error();
    user made = *target.found;
    if (const auto good = add_tags(made.tags, added); !good) return good.error();
    operation_outcome out;
    out.changes.push_back(put(std::move(made)));
    return out;
}

operation_result untag_user(operation_call& call) {
    const auto name = call.given.text("UserName");
    const auto keys = read_tag_keys(call.given);
    if (!keys) return keys.error();
    sts::put(call.record.request_parameters, "userName", name);
    put_tag_keys(call.record.request_parameters, *keys);
    sts::constraints c;
    require_name(c, name, "userName", long_name_characters);
    check_tag_keys(c, *keys);
    if (const auto done = c.check(); !done) return done.error();
    const user_target target = find_user(call, *name);
    std::vector<std::string> gone;
    for (const auto& key : *keys)
        gone.push_back(*key);
    operation_facts facts = facts_of(target.asked());
    facts.tag_keys = &gone;
    if (const auto may = enter_to_change(call, "iam:UntagUser", target, facts); !may)
        return may.error();
    user made = *target.found;
    remove_tags(made.tags, gone);
    operation_outcome out;
    out.changes.push_back(put(std::move(made)));
    return out;
}

operation_result list_user_tags(operation_call& call) {
    const auto name = call.given.text("UserName");
    const auto wanted = read_page(call);
    if (!wanted) return wanted.error();
    sts::put(call.record.request_parameters, "userName", name);
    sts::constraints c;
    require_name(c, name, "userName", long_name_characters);
    if (const auto done = c.check(); !done) return done.error();
    const user_target target = find_user(call, *name);
    const auto may = enter(call, "iam:ListUserTags", target, facts_of(target.asked()));
    if (!may) return may.error();
    operation_outcome out;
    add_tag_page(out.answer, target.found->tags, *wanted);
    return out;
}

constexpr operation_row rows[] = {
    writes("TagUser", tag_user),
    writes("UntagUser", untag_user),
    reads("ListUserTags", list_user_tags),
};

}  // namespace

std::span<const operation_row> user_tag_operations() {
    return rows;
}

}  // namespace iam
