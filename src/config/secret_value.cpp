#include "config/secret_value.hpp"

#include <algorithm>

#include "config/json_value.hpp"

namespace config {

namespace {

/// The text as it is kept; the caller wipes it.
std::optional<std::string> read_kept(const node& value, context with) {
    const mapping fields(value, sections::secret, with.out);
    std::string file, variable;
    fields.text("file", file);
    fields.text("env", variable);
    if (file.empty() == variable.empty()) {
        with.out.error(value.at, "a secret has either 'file' or 'env'");
        return std::nullopt;
    }
    if (!file.empty()) return read_file_value(file, fields.at("file"), with);
    auto content = with.from.variable(variable);
    if (!content)
        with.out.error(fields.at("env"), "the environment has no variable " + quoted(variable));
    return content;
}

bool fits(std::string_view text, const secret_form& form) {
    return text.size() >= form.least && text.size() <= form.most &&
           std::all_of(text.begin(), text.end(),
                       [&](char c) { return (c > ' ' && c < 0x7f) || (form.spaces && c == ' '); });
}

}  // namespace

std::optional<base::secret> read_secret(const node& value, const secret_form& form, context with) {
    if (!value.is_mapping()) {
        with.out.error(value.at,
                       "secrets are not written here; use {file: PATH} or {env: VARIABLE}");
        return std::nullopt;
    }
    auto content = read_kept(value, with);
    if (!content) return std::nullopt;
    std::string_view text = *content;
    if (!text.empty() && text.back() == '\n') text.remove_suffix(1);
    if (!text.empty() && text.back() == '\r') text.remove_suffix(1);
    std::optional<base::secret> secret;
    if (fits(text, form))
        secret.emplace(text);
    else
        with.out.error(value.at, "the secret must be " + std::string(form.text));
    base::wipe(content->data(), content->size());
    return secret;
}

}  // namespace config
