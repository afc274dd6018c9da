#include "container/json_object.hpp"

#include <charconv>

#include "base/secret.hpp"
#include "encoding/json.hpp"
#include "encoding/utf8.hpp"

namespace container {

namespace {

/// What Go escapes besides the characters that JSON does not allow.
struct escape {
    std::string_view text;
    std::string_view written;
};
constexpr escape go_escapes[] = {
    {"<", "\\u003c"},
    {">", "\\u003e"},
    {"&", "\\u0026"},
    {"\xE2\x80\xA8", "\\u2028"},
    {"\xE2\x80\xA9", "\\u2029"},
};

}  // namespace

std::string go_string(std::string_view text) {
    std::string scrubbed = encoding::scrub_utf8(text);
    std::string plain = encoding::json_quoted(scrubbed);
    std::string out;
    out.reserve(plain.size());
    for (std::size_t i = 0; i < plain.size();) {
        const escape* found = nullptr;
        for (const escape& e : go_escapes)
            if (plain.compare(i, e.text.size(), e.text) == 0) found = &e;
        out += found ? found->written : std::string_view(plain).substr(i, 1);
        i += found ? found->text.size() : 1;
    }
    // Session tokens come by here.
    base::wipe(scrubbed.data(), scrubbed.size());
    base::wipe(plain.data(), plain.size());
    return out;
}

void json_object::key(std::string_view name) {
    if (!empty()) out_ += ',';
    out_ += go_string(name);
    out_ += ':';
}

json_object& json_object::text(std::string_view name, std::string_view value) {
    key(name);
    out_ += go_string(value);
    return *this;
}

json_object& json_object::secret(std::string_view name, std::string_view value) {
    key(name);
    std::string quoted = go_string(value);
    out_ += quoted;
    base::wipe(quoted.data(), quoted.size());
    return *this;
}

json_object& json_object::text_if(std::string_view name, std::string_view value) {
    return value.empty() ? *this : text(name, value);
}

json_object& json_object::number(std::string_view name, std::int64_t value) {
    key(name);
    out_ += std::to_string(value);
    return *this;
}

json_object& json_object::number(std::string_view name, double value) {
    key(name);
    char digits[64];
    const auto end = std::to_chars(digits, digits + sizeof digits, value).ptr;
    out_.append(digits, std::size_t(end - digits));
    return *this;
}

json_object& json_object::boolean(std::string_view name, bool value) {
    key(name);
    out_ += value ? "true" : "false";
    return *this;
}

json_object& json_object::raw(std::string_view name, std::string_view json) {
    key(name);
    out_ += json;
    return *this;
}

json_object& json_object::raw_if(std::string_view name, std::string_view json) {
    return json.empty() || json == "[]" || json == "{}" ? *this : raw(name, json);
}

json_object& json_object::texts_if(std::string_view name, const std::vector<std::string>& values) {
    std::vector<std::string> quoted;
    for (const std::string& value : values)
        quoted.push_back(go_string(value));
    return raw_if(name, json_array(quoted));
}

std::string json_object::take() {
    out_ += '}';
    return std::move(out_);
}

std::string json_array(const std::vector<std::string>& values) {
    std::string out = "[";
    for (const std::string& value : values) {
        if (out.size() > 1) out += ',';
        out += value;
    }
    out += ']';
    return out;
}

}  // namespace container
