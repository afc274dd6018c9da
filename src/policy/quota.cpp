#include "policy/quota.hpp"

#include <algorithm>
#include <string>

#include "policy/unicode.hpp"

namespace policy {

std::size_t counted_characters(std::string_view json) {
    const auto white = std::count_if(json.begin(), json.end(), [](char c) {
        return c == ' ' || c == '\t' || c == '\r' || c == '\n';
    });
    return utf16_length(json) - std::size_t(white);
}

base::result<void> check_inline_quota(const inline_quota& allowed, std::string_view name,
                                      std::size_t characters) {
    if (characters <= allowed.characters) return {};
    return base::error{base::error_kind::exhausted,
                       "Maximum policy size of " + std::to_string(allowed.characters) +
                           " bytes exceeded for " + std::string(allowed.of) + " " +
                           std::string(name),
                       "LimitExceeded"};
}

}  // namespace policy
