#include "aws/identifiers.hpp"
#include "iam/limits.hpp"
#include "iam/operation.hpp"
#include "iam/operations/parameters.hpp"
#include "iam/operations/shown.hpp"
#include "sts/actions/session_request.hpp"
#include "sts/audit.hpp"

namespace iam {

namespace {

operation_result create_user(operation_call& call) {
    const auto name = call.given.text("UserName");
    const auto path = call.given.text("Path");
    const auto tags = sts::read_tags(call.given);
    if (!tags) return tags.error();
    sts::put(call.record.request_parameters, "userName", name);
    sts::put(call.record.request_parameters, "path", path);
    sts::constraints c;
    require_name(c, name, "userName", name_characters);
    check_path(c, path);
    sts::check_model(c, *tags);
    if (const auto done = c.check(); !done) return done.error();

    user made;
    made.account = call.account;
    made.path = path.value_or("/");
    made.name = *name;
    made.tags = sts::tags_of(*tags);
    const operation_facts facts{nullptr, &made.tags, {}};
    if (const auto may = authorize(call, "iam:CreateUser", call.now.arn_of(made), facts); !may)
        return may.error();
    if (const auto good = check_new_tags(made.tags); !good) return good.error();
    if (call.now.user_of(call.account, *name) != nullptr) return already_exists("User", *name);
    made.unique_id = aws::make_unique_id("AIDA", call.account, call.made.random);
    made.created = call.made.now;
    operation_outcome out;
    out.answer.push_back(sts::result_node::group("User", shown(made, call.now)));
    out.changes.push_back(put(std::move(made)));
    return out;
}

/// Without a name: the calling user itself.
operation_result get_user(operation_call& call) {
    const auto name = call.given.text("UserName");
    sts::put(call.record.request_parameters, "userName", name);
    sts::constraints c;
    check_name(c, name, "userName", long_name_characters);
    if (const auto done = c.check(); !done) return done.error();
    std::string wanted = name.value_or("");
    if (!name && call.made.by.user != nullptr) wanted = call.made.by.user->name;
    const user* found = call.now.user_of(call.account, wanted);
    user stand_in;
    stand_in.account = call.account;
    stand_in.name = wanted;
    const user& asked = found == nullptr ? stand_in : *found;
    const operation_facts facts{&asked.tags, nullptr, {}};
    if (const auto may = authorize(call, "iam:GetUser", call.now.arn_of(asked), facts); !may)
        return may.error();
    if (found == nullptr) return no_such("user", wanted);
    operation_outcome out;
    out.answer.push_back(sts::result_node::group("User", shown_with_tags(*found, call.now)));
    return out;
}

operation_result list_users(operation_call& call) {
    const auto prefix = call.given.text("PathPrefix");
    const auto wanted = read_page(call);
    if (!wanted) return wanted.error();
    sts::constraints c;
    check_path_prefix(c, prefix);
    if (const auto done = c.check(); !done) return done.error();
    const std::string below = prefix.value_or("/");
    if (const auto may = authorize(call, "iam:ListUsers", arn_below(call, "user" + below)); !may)
        return may.error();
    page_collector<const user*> found(*wanted);
    call.now.for_each(entity_kind::user, [&](const entity& one) {
        const user& each = std::get<user>(one);
        if (each.account == call.account && each.path.starts_with(below))
            found.offer(each.name, &each);
    });
    operation_outcome out;
    std::vector<sts::result_node> members;
    std::string last;
    for (const auto& [key, each] : found.items()) {
        members.push_back(sts::result_node::group("member", shown(*each, call.now)));
        last = key;
    }
    out.answer.push_back(sts::result_node::list("Users", std::move(members)));
    add_paging(out.answer, found.truncated(), last);
    return out;
}

constexpr operation_row rows[] = {
    writes("CreateUser", create_user),
    reads("GetUser", get_user),
    reads("ListUsers", list_users),
};

}  // namespace

std::span<const operation_row> user_operations() {
    return rows;
}

}  // namespace iam
