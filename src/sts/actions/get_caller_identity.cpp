#include "sts/actions/actions.hpp"
#include "sts/audit.hpp"

namespace sts {

action_result get_caller_identity(const call& made, const parameters&) {
    // Nothing is handed out but what the caller has proven: it does not depend on the record.
    made.audit.note(begin_record(made, "GetCallerIdentity"));
    return std::vector<result_node>{result_node::text("Arn", made.by.principal.arn),
                                    result_node::text("UserId", made.by.user_id),
                                    result_node::text("Account", made.by.principal.account)};
}

}  // namespace sts
