#pragma once

#include <string>
#include <string_view>
#include <variant>

#include "iam/operation.hpp"
#include "iam/operations/parameters.hpp"
#include "sts/audit.hpp"
#include "sts/query/constraints.hpp"

namespace iam {

/// What the operations that list entities below a path differ in.
struct list_operation {
    entity_kind kind;
    std::string_view action;      ///< "iam:ListUsers"
    std::string_view arn_prefix;  ///< "user"
    std::string_view list_name;   ///< "Users"
};

/// Those of the account below PathPrefix, in the order of their names. `show`: the members of one.
template <class Entity, class Show>
operation_result list_below(operation_call& call, const list_operation& what, Show&& show) {
    const auto prefix = call.given.text("PathPrefix");
    const auto wanted = read_page(call);
    if (!wanted) return wanted.error();
    sts::put(call.record.request_parameters, "pathPrefix", prefix);
    sts::constraints c;
    check_path_prefix(c, prefix);
    if (const auto done = c.check(); !done) return done.error();
    const std::string below = prefix.value_or("/");
    const std::string arn = arn_below(call, std::string(what.arn_prefix) + below);
    if (const auto may = authorize(call, what.action, arn); !may) return may.error();
    page_collector<const Entity*> found(*wanted);
    call.now.for_each(what.kind, [&](const entity& one) {
        const Entity& each = std::get<Entity>(one);
        if (each.account == call.account && each.path.starts_with(below))
            found.offer(each.name, &each);
    });
    operation_outcome out;
    add_list(out.answer, what.list_name, found,
             [&](const Entity* each) { return sts::result_node::group("member", show(*each)); });
    return out;
}

}  // namespace iam
