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

bool breaks_line(char32_t c) {
    return c == '\t' || c == '\n' || c == '\r';
}

/// roleDescriptionType
const sts::character_class role_description_characters{
    [](char32_t c) {
        return breaks_line(c) || (c >= 0x20 && c <= 0x7e) || (c >= 0xa1 && c <= 0xff);
    },
    "[\\u0009\\u000A\\u000D\\u0020-\\u007E\\u00A1-\\u00FF]*"};
/// The model of policyDescriptionType has no pattern: all that an answer can carry.
const sts::character_class policy_description_characters{
    [](char32_t c) { return breaks_line(c) || (c >= 0x20 && (c < 0x7f || c > 0x9f)); },
    "[\\u0009\\u000A\\u000D\\p{L}\\p{M}\\p{Z}\\p{S}\\p{N}\\p{P}]*"};

constexpr std::size_t longest_description = 1000;

}  // namespace

base::result<std::string> read_role_name(operation_call& call) {
    const auto name = call.given.text("RoleName");
    sts::put(call.record.request_parameters, "roleName", name);
    sts::constraints c;
    require_name(c, name, "roleName", name_characters);
    if (const auto done = c.check(); !done) return done.error();
    return *name;
}

void check_role_description(sts::constraints& c, const std::optional<std::string>& value) {
    c.text(value, "description", {0, longest_description}, &role_description_characters);
}

void check_policy_description(sts::constraints& c, const std::optional<std::string>& value) {
    c.text(value, "description", {0, longest_description}, &policy_description_characters);
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
