#include "sts/session/packed_size.hpp"

#include "policy/unicode.hpp"
#include "sts/wire_error.hpp"

namespace sts {

base::result<int> packed_size(const std::vector<session_tag>& tags, std::string_view policy,
                              const std::vector<std::string>& policy_arns) {
    constexpr std::size_t overhead_of_a_tag = 3;  // two lengths and a flag
    std::size_t tag_bytes = 0;
    for (const session_tag& tag : tags)
        tag_bytes += tag.key.size() + tag.value.size() + overhead_of_a_tag;
    std::size_t policy_bytes = policy::utf16_length(policy);
    for (const std::string& arn : policy_arns)
        policy_bytes += arn.size();
    const std::size_t whole = packed_tag_bytes * packed_policy_bytes;
    const std::size_t used = tag_bytes * packed_policy_bytes + policy_bytes * packed_tag_bytes;
    const std::size_t percent = (used * 100 + whole - 1) / whole;
    if (percent > 100) {
        const std::string number = std::to_string(percent);
        return wire_error(
            "PackedPolicyTooLarge",
            policy_bytes == 0
                ? "Packed size of session tags consumes " + number + "% of allotted space."
                : "Packed policy consumes " + number +
                      "% of allotted space, please use smaller policy.");
    }
    return int(percent);
}

std::string without_white_space(std::string_view json) {
    std::string out;
    out.reserve(json.size());
    bool quoted = false, escaped = false;
    for (const char c : json) {
        if (!quoted && (c == ' ' || c == '\t' || c == '\r' || c == '\n')) continue;
        out.push_back(c);
        if (escaped) {
            escaped = false;
        } else if (c == '\\') {
            escaped = quoted;
        } else if (c == '"') {
            quoted = !quoted;
        }
    }
    return out;
}

}  // namespace sts
