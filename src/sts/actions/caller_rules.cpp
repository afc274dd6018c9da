#include "sts/actions/caller_rules.hpp"

#include "sts/wire_error.hpp"

namespace sts {

base::result<void> refuse_sessions(const call& made, std::string_view action) {
    if (!made.by.through) return {};
    return wire_error("AccessDenied",
                      "Cannot call " + std::string(action) + " with session credentials");
}

base::result<void> refuse_user_sessions(const call& made, std::string_view action) {
    if (!made.by.through) return {};
    switch (made.by.through->kind) {
        case session::type::assumed_role:
        case session::type::instance_identity:
        case session::type::assumed_root:
            return {};
        case session::type::user:
        case session::type::root:
        case session::type::federated_user:
            break;
    }
    return refuse_sessions(made, action);
}

}  // namespace sts
