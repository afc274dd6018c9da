#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "policy/condition.hpp"
#include "policy/context.hpp"
#include "policy/pattern.hpp"
#include "policy/principal.hpp"
#include "policy/resource_format.hpp"

namespace policy {

enum class document_kind {
    identity,          ///< attached to a user, group or role, or managed
    boundary,          ///< permissions boundary: an identity policy that only takes away
    session,           ///< passed while a session is made; looser literals
    trust,             ///< who may assume a role: has Principal, has no Resource
    resource,          ///< attached to any other resource: has Principal and Resource
    service_control,   ///< of an organization, over callers
    resource_control,  ///< of an organization, over resources: Principal is "*"
};
/// "identity", …, "service-control", "resource-control"
const char* to_string(document_kind kind);
constexpr bool has_principals(document_kind kind) {
    return kind == document_kind::trust || kind == document_kind::resource ||
           kind == document_kind::resource_control;
}

/// Named limits in characters (UTF-16 units). White space does not count (IAM and Organizations
/// quotas; a bucket policy is the longest of resource policies).
inline constexpr std::size_t identity_policy_characters = 10'240;
inline constexpr std::size_t boundary_policy_characters = 6'144;
inline constexpr std::size_t trust_policy_characters = 4'096;
inline constexpr std::size_t session_policy_characters = 2'048;
inline constexpr std::size_t resource_policy_characters = 20'480;
inline constexpr std::size_t control_policy_characters = 5'120;
/// The most bytes that are looked at, white space and all.
inline constexpr std::size_t policy_document_bytes = 256 * 1024;

struct statement {
    std::string sid;
    bool allow = false;
    bool not_action = false;
    bool not_resource = false;
    bool not_principal = false;                 ///< only ever in denials
    std::vector<std::string> actions;           ///< compiled, lower case
    std::vector<pattern> resources;             ///< none in trust policies
    std::vector<principal_element> principals;  ///< where the kind has them
    std::vector<condition> conditions;
    /// As written, for explanations.
    std::vector<std::string> action_texts, resource_texts;
};

/// What is wrong with a document, and where.
struct problem {
    base::error error;
    /// Member names and element numbers that lead there, such as Statement, 2, Condition.
    std::vector<std::string> path{};
};

/// An IAM policy, parsed strictly and compiled once. Immutable, so threads share it.
class document {
public:
    /// Errors carry AWS's text and `code` "MalformedPolicyDocument". Resources must be of
    /// `partition`; a policy that was checked before may be read again without.
    static base::result<document> parse(std::string_view json, document_kind kind,
                                        std::string_view partition = any_partition);
    /// Everything that is wrong with it, at most one problem per statement; none: it is good.
    static std::vector<problem> check(std::string_view json, document_kind kind,
                                      std::string_view partition = any_partition);

    document_kind kind() const { return kind_; }
    const std::vector<statement>& statements() const { return statements_; }
    /// The statement's Sid, or "Statement[2]" (from 0).
    std::string label(std::size_t index) const;

    /// Ties user and role principals to identities; see principal_element::bind. To be done once,
    /// before the document is shared. Answers those which the directory does not know.
    std::vector<std::string> bind(const principal_directory& known);

private:
    static document read(std::string_view json, document_kind kind, std::string_view partition,
                         std::vector<problem>& wrong);

    document_kind kind_ = document_kind::identity;
    std::vector<statement> statements_;
};

}  // namespace policy
