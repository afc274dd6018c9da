#include "config/reader.hpp"

#include <algorithm>
#include <stdexcept>

namespace config {

namespace {

const char* kind_name(const node& value) {
    switch (value.what) {
        case node::kind::null:
            return "nothing";
        case node::kind::scalar:
            return "text";
        case node::kind::sequence:
            return "a list";
        case node::kind::mapping:
            return "a mapping";
    }
    return "nothing";
}

}  // namespace

std::vector<const node*> one_or_more(const node& value, std::string_view key, report& out) {
    if (value.is_scalar()) return {&value};
    std::vector<const node*> all;
    if (!value.is_sequence()) {
        out.error(value.at,
                  quoted(key) + " must be a value or a list of values, not " + kind_name(value));
        return all;
    }
    if (value.items.empty()) out.error(value.at, quoted(key) + " must not be an empty list");
    for (const node& item : value.items) {
        if (item.is_scalar())
            all.push_back(&item);
        else
            out.error(item.at, "values of " + quoted(key) + " must be text, not " +
                                   std::string(kind_name(item)));
    }
    return all;
}

std::vector<std::string> read_texts(const node& value, std::string_view key, report& out) {
    std::vector<std::string> texts;
    for (const node* item : one_or_more(value, key, out))
        if (auto text = read_text(*item, key, out)) texts.push_back(std::move(*text));
    return texts;
}

text_pairs read_pairs(const node& value, std::string_view key, pair_limits bounds, report& out) {
    text_pairs pairs;
    if (!value.is_mapping()) {
        out.error(value.at, quoted(key) + " must be a mapping, not " + kind_name(value));
        return pairs;
    }
    if (value.entries.size() > bounds.pairs) {
        out.error(value.at,
                  quoted(key) + " has more than " + std::to_string(bounds.pairs) + " entries");
    }
    for (const auto& entry : value.entries) {
        if (entry.key.empty() || entry.key.size() > bounds.key_bytes) {
            out.error(entry.at, "keys of " + quoted(key) + " are 1 to " +
                                    std::to_string(bounds.key_bytes) + " bytes long");
        }
        // An empty value is a value here, but it has to be written: "".
        const auto text = entry.value.is_scalar() ? std::optional(entry.value.text) : std::nullopt;
        if (!text) {
            out.error(entry.value.at, quoted(entry.key) + " must be text, not " +
                                          std::string(kind_name(entry.value)));
        } else if (text->size() > bounds.value_bytes) {
            out.error(entry.value.at, "values of " + quoted(key) + " are at most " +
                                          std::to_string(bounds.value_bytes) + " bytes long");
        } else {
            pairs.emplace_back(entry.key, *text);
        }
    }
    return pairs;
}

void each_named(const node& value, std::string_view key, report& out,
                const std::function<void(const node::entry&)>& each) {
    if (!value.is_mapping()) {
        out.error(value.at,
                  quoted(key) + " must be a mapping from names to values, not " + kind_name(value));
        return;
    }
    for (const auto& entry : value.entries)
        each(entry);
}

bool is_plain_name(std::string_view text) {
    const auto letter_or_digit = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    };
    return !text.empty() && text.size() <= 64 && letter_or_digit(text[0]) &&
           std::all_of(text.begin(), text.end(), [&](char c) {
               return letter_or_digit(c) || c == '_' || c == '.' || c == '-';
           });
}

bool is_interface_name(std::string_view text) {
    return !text.empty() && text.size() <= 15 && text != "." && text != ".." &&
           std::all_of(text.begin(), text.end(),
                       [](char c) { return c > ' ' && c < 0x7f && c != '/' && c != ':'; });
}

mapping::mapping(const node& value, const section& schema, report& out)
    : value_(value), schema_(schema), out_(out) {
    if (!value.is_mapping()) {
        out.error(value.at,
                  std::string(schema.name) + " must be a mapping, not " + kind_name(value));
        return;
    }
    for (const auto& entry : value.entries) {
        const auto& keys = schema.keys;
        if (std::find(keys.begin(), keys.end(), entry.key) == keys.end())
            out.error(entry.at, "unknown key " + quoted(entry.key) + suggestion(entry.key, keys));
    }
}

const node::entry* mapping::entry_of(std::string_view key) const {
    const auto& keys = schema_.keys;
    if (std::find(keys.begin(), keys.end(), key) == keys.end())
        throw std::logic_error("key missing in the schema: " + std::string(key));
    for (const auto& entry : value_.entries)
        if (entry.key == key) return &entry;
    return nullptr;
}

const node* mapping::find(std::string_view key) const {
    const auto* entry = entry_of(key);
    if (!entry) return nullptr;
    if (entry->value.what == node::kind::null) {
        out_.error(entry->at, quoted(key) + " has no value");
        return nullptr;
    }
    return &entry->value;
}

const node* mapping::require(std::string_view key) const {
    if (value_.is_mapping() && !entry_of(key))
        out_.error(value_.at, "missing key " + quoted(key) + " in " + std::string(schema_.name));
    return find(key);
}

position mapping::at(std::string_view key) const {
    const auto* entry = entry_of(key);
    return entry ? entry->at : value_.at;
}

void mapping::text(std::string_view key, std::string& into) const {
    if (const node* value = find(key))
        if (auto text = read_text(*value, key, out_)) into = std::move(*text);
}

void mapping::text(std::string_view key, std::optional<std::string>& into) const {
    if (const node* value = find(key)) into = read_text(*value, key, out_);
}

void mapping::boolean(std::string_view key, bool& into) const {
    if (const node* value = find(key))
        if (const auto yes = read_boolean(*value, key, out_)) into = *yes;
}

void mapping::duration(std::string_view key, base::seconds least, base::seconds most,
                       base::seconds& into) const {
    if (const node* value = find(key))
        if (const auto time = read_duration(*value, key, least, most, out_)) into = *time;
}

}  // namespace config
