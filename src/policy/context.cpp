#include "policy/context.hpp"

#include "encoding/utf8.hpp"
#include "policy/unicode.hpp"

namespace policy {

context::attribute& context::slot(std::string_view key) {
    std::string lower = lower_case(key);
    for (attribute& a : attributes_) {
        if (a.key == lower) return a;
    }
    if (attributes_.empty()) attributes_.reserve(32);
    attributes_.push_back({std::move(lower), {}, false});
    return attributes_.back();
}

void context::set(std::string_view key, std::string_view value) {
    attribute& a = slot(key);
    a.multivalued = false;
    a.values.clear();
    a.values.push_back(encoding::scrub_utf8(value));
}

void context::set_many(std::string_view key, const std::vector<std::string>& values) {
    if (values.empty()) return;
    attribute& a = slot(key);
    a.multivalued = true;
    a.values.clear();
    for (const std::string& value : values)
        a.values.push_back(encoding::scrub_utf8(value));
}

const context::attribute* context::find(std::string_view lower_key) const {
    for (const attribute& a : attributes_) {
        if (a.key == lower_key) return &a;
    }
    return nullptr;
}

}  // namespace policy
