#include "iam/limits.hpp"

#include <algorithm>
#include <set>

#include "policy/unicode.hpp"

namespace iam {

bool is_name(std::string_view text, std::size_t most) {
    return !text.empty() && text.size() <= most &&
           std::all_of(text.begin(), text.end(), [](char c) {
               return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                      std::string_view("_+=,.@-").find(c) != std::string_view::npos;
           });
}

base::result<void> check_tags(const sts::tag_list& tags) {
    std::set<std::string> keys;
    if (tags.size() > most_tags) return base::invalid("at most 50 tags");
    for (const auto& [key, value] : tags) {
        const std::string lower = policy::lower_case(key);
        if (key.empty() || policy::utf16_length(key) > tag_key_characters ||
            policy::utf16_length(value) > tag_value_characters)
            return base::invalid("tag '" + key + "' is too long or has no key");
        if (lower.starts_with("aws:"))
            return base::invalid("tag keys that start with 'aws:' are reserved");
        if (!keys.insert(lower).second)
            return base::invalid("tag '" + key + "' occurs twice (keys ignore case)");
    }
    return {};
}

}  // namespace iam
