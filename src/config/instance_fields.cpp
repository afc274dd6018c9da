#include "config/instance_fields.hpp"

#include <algorithm>

#include "config/instance_forms.hpp"

namespace config {

void instance_fields::word(std::string_view key, std::string& into) const {
    word(key, into, {}, [](std::string_view) { return true; });
}

void instance_fields::word(std::string_view key, std::string& into, const std::string& form,
                           const test& good) const {
    const node* value = fields.find(key);
    if (!value || is_auto(*value)) return;
    const auto text = read_text(*value, key, with_.out);
    if (text && check(*value, key, *text, form, good)) into = *text;
}

void instance_fields::line(std::string_view key, std::string& into) const {
    const node* value = fields.find(key);
    if (!value || is_auto(*value)) return;
    const auto text = read_text(*value, key, with_.out);
    if (!text) return;
    if (is_one_line(*text))
        into = *text;
    else
        with_.out.error(value->at, quoted(key) + " must be one line of text");
}

void instance_fields::resource_id(std::string_view key, std::string_view kind,
                                  std::string& into) const {
    word(key, into, "auto, or " + std::string(kind) + "- and 8 or 17 hex digits",
         [kind](std::string_view text) { return is_resource_id(text, kind); });
}

void instance_fields::words(std::string_view key, std::vector<std::string>& into,
                            const std::string& form, const test& good, std::size_t most) const {
    const node* value = fields.find(key);
    if (!value || is_auto(*value) || is_none(*value)) return;
    std::vector<std::string> values;
    for (const node* item : one_or_more(*value, key, with_.out)) {
        const auto text = read_text(*item, key, with_.out);
        if (!text || !check(*item, key, *text, form, good)) continue;
        if (std::find(values.begin(), values.end(), *text) != values.end())
            with_.out.error(item->at, quoted(key) + " has " + quoted(*text) + " twice");
        else
            values.push_back(*text);
    }
    if (values.size() > most)
        with_.out.error(value->at,
                        quoted(key) + " has more than " + std::to_string(most) + " values");
    into = std::move(values);
}

bool instance_fields::check(const node& at, std::string_view key, std::string_view text,
                            const std::string& form, const test& good) const {
    if (!is_word(text)) {
        with_.out.error(at.at, quoted(key) + " must be printable text without spaces");
        return false;
    }
    if (good(text)) return true;
    with_.out.error(at.at, quoted(key) + " must be " + form);
    return false;
}

position instance_fields::value_at(std::string_view key) const {
    const node* value = fields.find(key);
    return value ? value->at : fields.at();
}

}  // namespace config
