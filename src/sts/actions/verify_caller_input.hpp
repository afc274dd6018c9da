#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "policy/document.hpp"
#include "sigv4/sigv4.hpp"
#include "sts/query/parameters.hpp"

namespace sts {

/// What a service may be told about its request, and what the issuer knows itself, are apart: a
/// service cannot speak about the caller.
struct context_entry {
    std::string key;
    std::vector<std::string> values;
    bool multivalued = false;
};

/// What a service wants to have decided. Names are those of IAM's SimulatePrincipalPolicy.
struct decision_request {
    std::string action;
    std::string resource;
    /// Account of the resource; empty: none was told, and the ARN names none.
    std::string resource_owner;
    std::optional<policy::document> resource_policy;
    std::vector<context_entry> context;
};

struct verify_caller_input {
    std::string access_key_id;
    std::optional<std::string> session_token;
    sigv4::scope scope;
    std::optional<decision_request> asked;

    /// Checks everything that can be checked without knowing whose key it is. Unknown parameters
    /// are refused. Failures are ValidationError, MalformedInput, InvalidParameterCombination or
    /// MalformedPolicyDocument.
    static base::result<verify_caller_input> read(const parameters& from, base::wall_time now,
                                                  base::seconds clock_skew);
};

/// Named limits.
inline constexpr std::size_t most_context_entries = 64;
inline constexpr std::size_t most_context_values = 64;
inline constexpr std::size_t longest_context_key = 256;  // ContextKeyNameType of IAM's model
inline constexpr std::size_t longest_context_value = 2048;
inline constexpr std::size_t longest_action_name = 128;     // ActionNameType
inline constexpr std::size_t longest_resource_name = 2048;  // ResourceNameType
inline constexpr std::size_t longest_scope_service = 64;

}  // namespace sts
