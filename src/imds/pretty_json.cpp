#include "imds/pretty_json.hpp"

#include "base/secret.hpp"
#include "encoding/json.hpp"

namespace imds {

void pretty_json::key(std::string_view name) {
    out_ += first_ ? "\n  " : ",\n  ";
    first_ = false;
    out_ += encoding::json_quoted(name);
    out_ += " : ";
}

pretty_json& pretty_json::text(std::string_view name, std::string_view value) {
    key(name);
    out_ += encoding::json_quoted(value);
    return *this;
}

pretty_json& pretty_json::secret(std::string_view name, std::string_view value) {
    key(name);
    std::string quoted = encoding::json_quoted(value);
    out_ += quoted;
    base::wipe(quoted.data(), quoted.size());
    return *this;
}

pretty_json& pretty_json::null(std::string_view name) {
    key(name);
    out_ += "null";
    return *this;
}

pretty_json& pretty_json::text_or_null(std::string_view name, std::string_view value) {
    return value.empty() ? null(name) : text(name, value);
}

pretty_json& pretty_json::list_or_null(std::string_view name,
                                       const std::vector<std::string>& values) {
    if (values.empty()) return null(name);
    key(name);
    out_ += "[ ";
    for (const std::string& value : values) {
        if (&value != &values.front()) out_ += ", ";
        out_ += encoding::json_quoted(value);
    }
    out_ += " ]";
    return *this;
}

std::string pretty_json::take() {
    out_ += "\n}";
    return std::move(out_);
}

}  // namespace imds
