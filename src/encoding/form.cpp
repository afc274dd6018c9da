#include "encoding/form.hpp"

#include <algorithm>

#include "encoding/percent.hpp"

namespace encoding {

base::result<std::vector<form_field>> parse_form(std::string_view text, form_limits limits) {
    std::vector<form_field> fields;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('&'), text.size());
        const std::string_view piece = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        // "a=1&&b=2" and a trailing '&' are common and mean nothing.
        if (piece.empty()) continue;
        if (fields.size() == limits.fields) {
            return base::exhausted("more than " + std::to_string(limits.fields) + " form fields");
        }

        const std::size_t equals = std::min(piece.find('='), piece.size());
        auto name = form_decode(piece.substr(0, equals));
        if (!name) return name.error();
        auto value = form_decode(piece.substr(std::min(equals + 1, piece.size())));
        if (!value) return value.error();
        fields.push_back({std::move(*name), std::move(*value)});
    }
    return fields;
}

}  // namespace encoding
