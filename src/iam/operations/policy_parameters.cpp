#include "iam/operations/policy_parameters.hpp"

#include <array>

#include "sts/wire_error.hpp"

namespace iam {

void check_policy_usage(sts::constraints& c, const std::optional<std::string>& value) {
    static constexpr std::array<std::string_view, 2> usages{"PermissionsPolicy",
                                                            "PermissionsBoundary"};
    c.choice(value, "policyUsageFilter", usages);
}

base::result<bool> read_flag(const std::optional<std::string>& value, std::string_view member) {
    if (!value || *value == "false") return false;
    if (*value == "true") return true;
    return sts::wire_error("MalformedInput", std::string(member) + " must be true or false");
}

}  // namespace iam
