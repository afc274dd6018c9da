#include "iam/operations/role_parameters.hpp"

#include <utility>

#include "iam/limits.hpp"
#include "iam/operations/parameters.hpp"
#include "iam/operations/policy_text.hpp"
#include "iam/trust_binding.hpp"
#include "sts/audit.hpp"
#include "sts/wire_error.hpp"

namespace iam {

namespace {

const sts::character_class description_characters{
    [](char32_t c) { return c >= 0x20 && (c < 0x7f || c > 0x9f); },
    "[\\p{L}\\p{M}\\p{Z}\\p{S}\\p{N}\\p{P}]*"};

}  // namespace

base::result<std::string> read_role_name(operation_call& call) {
    const auto name = call.given.text("RoleName");
    sts::put(call.record.request_parameters, "roleName", name);
    sts::constraints c;
    require_name(c, name, "roleName", name_characters);
    if (const auto done = c.check(); !done) return done.error();
    return *name;
}

void check_description(sts::constraints& c, const std::optional<std::string>& value) {
    constexpr std::size_t longest_description = 1000;
    c.text(value, "description", {0, longest_description}, &description_characters);
}

void check_session_maximum(sts::constraints& c, const std::optional<std::int64_t>& value) {
    c.range(value, "maxSessionDuration", shortest_role_maximum.count(),
            longest_role_maximum.count());
}

base::result<void> set_trust_policy(const operation_call& call, role& to, std::string text,
                                    const role* before) {
    if (policy_size(text) > trust_policy_characters)
        return sts::wire_error("LimitExceeded", "Cannot exceed quota for ACLSizePerRole: " +
                                                    std::to_string(trust_policy_characters));
    auto bound = bind_trust_policy(text, call.now, before);
    if (!bound) return bound.error();
    to.trust_policy = std::move(text);
    to.trusted_ids = std::move(*bound);
    return {};
}

}  // namespace iam
