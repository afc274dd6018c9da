#pragma once

#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "sts/call.hpp"
#include "sts/query/answer.hpp"
#include "sts/query/parameters.hpp"

namespace sts {

using action_result = base::result<std::vector<result_node>>;

/// Of AWS's actions, and of those that are this issuer's own.
inline constexpr std::string_view sts_version = "2011-06-15";
inline constexpr std::string_view own_version = "imdsd/v1";

/// One action of the API. Everything that is not in the table does not exist.
struct action_row {
    std::string_view name;
    /// Not offered at the global endpoint.
    bool regional_only = false;
    /// Checks, decides, audits. Null: an action that AWS has and this issuer does not; those that
    /// need a signature still tell it only to callers who have one.
    action_result (*perform)(const call& made, const parameters& given) = nullptr;
    bool needs_signature = true;
    std::string_view version = sts_version;
};

/// The actions of one API. STS's own come first; others share its endpoint, its signatures, its
/// limits and its way to answer.
class api {
public:
    virtual ~api() = default;
    /// What signatures name in their scope: "sts", "iam".
    virtual std::string_view service() const = 0;
    /// Of its answers.
    virtual std::string_view xml_namespace() const = 0;
    virtual std::string_view version() const = 0;
    /// Null: no such action. `version` empty: of any version.
    virtual const action_row* find(std::string_view name, std::string_view version) const = 0;
    /// Checks, decides, audits; for actions that `find` has answered.
    virtual action_result perform(const action_row& row, const call& made,
                                  const parameters& given) const = 0;
};
const api& sts_api();

/// Names are compared in exact case. Null: no such action.
const action_row* find_action(std::string_view name);

/// Known to AWS, but not to be had here.
base::error not_offered(std::string_view action);

}  // namespace sts
