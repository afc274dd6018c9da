#include "sts/actions/actions.hpp"

namespace sts {

std::vector<result_node> get_caller_identity(const call& made) {
    return {result_node::text("Arn", made.by.principal.arn),
            result_node::text("UserId", made.by.user_id),
            result_node::text("Account", made.by.principal.account)};
}

}  // namespace sts
