#include "iam/operations/policy_text.hpp"

#include <algorithm>

#include "encoding/percent.hpp"
#include "policy/unicode.hpp"

namespace iam {

std::size_t policy_size(std::string_view text) {
    const auto white_space = std::count_if(text.begin(), text.end(), [](char c) {
        return c == ' ' || c == '\t' || c == '\r' || c == '\n';
    });
    return policy::utf16_length(text) - std::size_t(white_space);
}

sts::result_node shown_policy(std::string_view name, std::string_view text) {
    return sts::result_node::text(name, encoding::percent_encode(text));
}

}  // namespace iam
