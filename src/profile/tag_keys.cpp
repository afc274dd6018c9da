#include "profile/tag_keys.hpp"

#include <algorithm>

namespace profile {

bool is_shown_tag_key(std::string_view key) {
    return !key.empty() && key != "." && key != ".." && key != "_index" &&
           std::all_of(key.begin(), key.end(), [](char c) {
               return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                      std::string_view("+-=.,_:@").find(c) != std::string_view::npos;
           });
}

std::optional<std::string> unshown_tag_key(const instance_identity& instance) {
    for (const auto& [key, value] : instance.tags)
        if (!is_shown_tag_key(key)) return key;
    return std::nullopt;
}

}  // namespace profile
