#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "aws/credentials.hpp"
#include "base/error.hpp"
#include "sts/actions/action_table.hpp"
#include "sts/actions/session_request.hpp"
#include "sts/call.hpp"
#include "sts/query/answer.hpp"
#include "sts/query/parameters.hpp"

namespace sts {

/// AssumeRole as it came in: nothing checked but the lexical form.
struct assume_role_input {
    struct context_assertion {
        std::optional<std::string> provider_arn, assertion;
    };
    std::optional<std::string> role_arn, role_session_name, policy, external_id, source_identity;
    std::optional<std::string> serial_number, token_code;
    std::optional<std::int64_t> duration;
    std::vector<passed_tag> tags;
    passed_texts transitive_tag_keys, policy_arns;
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

/// A session of the instance's own role (instance_role.hpp), for the service principal that runs
/// it; audited as an AssumeRole. Invalid: an account or instance id that is none.
base::result<aws::credentials> issue_instance_identity(const call& made, std::string_view account,
                                                       std::string_view instance_id,
                                                       base::seconds duration);

/// Always allowed for valid credentials: no policy can deny it.
action_result get_caller_identity(const call& made, const parameters& given);

/// Seconds of GetSessionToken and GetFederationToken (API reference). A root's never last longer
/// than an hour, whatever was asked.
inline constexpr std::int64_t shortest_token = 900;
inline constexpr std::int64_t longest_token = 129'600;
inline constexpr std::int64_t default_token = 43'200;
inline constexpr std::int64_t longest_root_token = 3'600;
base::seconds token_duration(std::optional<std::int64_t> asked, bool root);

/// Temporary credentials of the calling user or root itself. No policy is asked.
action_result get_session_token(const call& made, const parameters& given);
/// Temporary credentials for someone whom the calling user or root vouches for; without a session
/// policy they can do nothing.
action_result get_federation_token(const call& made, const parameters& given);
/// The account that an access key belongs to.
action_result get_access_key_info(const call& made, const parameters& given);
/// Why an authorization failed, for callers of an account that took part.
action_result decode_authorization_message(const call& made, const parameters& given);
/// The root of a member account, for one task, to those who manage the organization.
action_result assume_root(const call& made, const parameters& given);
/// Who stands behind an access key, and the key of one day, region and service that its signatures
/// are verified with: for services. Not AWS's.
action_result verify_caller(const call& made, const parameters& given);
/// Not enabled for any account.
action_result get_web_identity_token(const call& made, const parameters& given);

}  // namespace sts
