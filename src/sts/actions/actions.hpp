#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "aws/credentials.hpp"
#include "base/error.hpp"
#include "sts/call.hpp"
#include "sts/query/answer.hpp"
#include "sts/query/parameters.hpp"

namespace sts {

/// AssumeRole as it came in: nothing checked but the lexical form.
struct assume_role_input {
    struct tag {
        std::optional<std::string> key, value;
    };
    struct context_assertion {
        std::optional<std::string> provider_arn, assertion;
    };
    std::optional<std::string> role_arn, role_session_name, policy, external_id, source_identity;
    std::optional<std::string> serial_number, token_code;
    std::optional<std::int64_t> duration;
    std::vector<tag> tags;
    std::vector<std::optional<std::string>> transitive_tag_keys, policy_arns;
    std::vector<context_assertion> provided_contexts;

    static base::result<assume_role_input> read(const parameters& from);
    static assume_role_input from(const assume_role_parameters& chosen);
};

struct assume_role_output {
    aws::credentials credentials;
    std::string assumed_role_id;
    std::string arn;
    int packed_policy_size = 0;   ///< percent; 0: not shown
    std::string source_identity;  ///< empty: none

    std::vector<result_node> nodes() const;
};

/// Checks, decides, issues and audits. ServiceUnavailable when the audit record was not accepted.
base::result<assume_role_output> assume_role(const call& made, const assume_role_input& input);

/// A session of the instance's own role (instance_role.hpp), for the service principal that runs it;
/// audited as an AssumeRole. Invalid: an account or instance id that is none.
base::result<aws::credentials> issue_instance_identity(const call& made, std::string_view account,
                                                       std::string_view instance_id,
                                                       base::seconds duration);

/// Always allowed for valid credentials: no policy can deny it.
std::vector<result_node> get_caller_identity(const call& made);

}  // namespace sts
