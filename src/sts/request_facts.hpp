#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "policy/context.hpp"
#include "sts/call.hpp"
#include "sts/session/session_token.hpp"

namespace sts {

/// The keys that every signed call has (IAM's global condition keys).
policy::context caller_facts(const call& made);

/// The two parts of it that say nothing about a request: what time it is, and who calls.
void add_time_facts(policy::context& facts, base::wall_time now);
void add_principal_facts(policy::context& facts, const caller& by);

/// aws:RequestTag/… and aws:TagKeys of the tags that a request passes.
void add_tag_facts(policy::context& facts, const tag_list& passed);

/// The keys that AssumeRole adds.
struct assume_role_facts {
    std::string_view role_arn;
    std::string_view account;  ///< of the role
    const role_record* role = nullptr;
    std::string_view session_name;
    const std::string* external_id = nullptr;
    std::string_view source_identity;  ///< passed or inherited; empty: none
    const tag_list* passed_tags = nullptr;
    const std::vector<session_tag>* inherited_tags = nullptr;
    std::vector<std::string> transitive_tag_keys;
};
void add_facts(policy::context& facts, const call& made, const assume_role_facts& more);

}  // namespace sts
