#include "admin/environment_query.hpp"

#include <algorithm>

#include "encoding/form.hpp"
#include "encoding/percent.hpp"

namespace admin {

namespace {

constexpr std::size_t longest_value = 4096;

}  // namespace

base::result<environment_query> parse_environment_query(std::string_view raw) {
    encoding::form_limits limits;
    limits.fields = 4;
    const auto fields = encoding::parse_form(raw, limits);
    if (!fields) return fields.error();
    environment_query query;
    for (const encoding::form_field& field : *fields) {
        if (field.name.empty() && field.value.empty()) continue;
        auto* const into = field.name == "profile"   ? &query.profile
                           : field.name == "binding" ? &query.binding
                                                     : nullptr;
        if (!into) return base::invalid("unknown query name; known are profile and binding");
        if (*into) return base::invalid("'" + field.name + "' is given more than once");
        const bool control = std::any_of(field.value.begin(), field.value.end(), [](char c) {
            return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
        });
        if (field.value.empty() || field.value.size() > longest_value || control)
            return base::invalid("'" + field.name + "' has no usable value");
        *into = field.value;
    }
    if (query.profile.has_value() == query.binding.has_value())
        return base::invalid("name either a profile or a binding");
    return query;
}

std::string format_environment_query(const environment_query& query) {
    std::string text = query.profile ? "profile=" : "binding=";
    encoding::percent_encode(query.profile ? *query.profile : query.binding.value_or(""), text);
    return text;
}

}  // namespace admin
