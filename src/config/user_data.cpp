#include "config/user_data.hpp"

#include <algorithm>

#include "config/json_value.hpp"
#include "encoding/base64.hpp"

namespace config {

namespace {

constexpr std::size_t most_user_data = 16 * 1024;

std::optional<std::string> decoded(const node& value, std::string text, report& out) {
    // As base64(1) and YAML blocks break it.
    std::erase_if(text, [](char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; });
    auto bytes = encoding::decode_base64(text);
    if (bytes) return std::move(*bytes);
    out.error(value.at, "'base64': " + bytes.error().message);
    return std::nullopt;
}

std::optional<std::string> from_directory(const node& value, const std::string& directory,
                                          const profile::role_profile& of, context with) {
    std::vector<std::string> paths;
    if (!of.instance.instance_id.empty()) paths.push_back(of.instance.instance_id);
    paths.push_back(of.name);
    for (std::string& path : paths) {
        path = with.out.path_from(value.at, directory + "/" + path);
        auto content = with.from.read_file(path);
        if (content) return std::move(*content);
        if (content.error().kind == base::error_kind::not_found) continue;
        with.out.error(value.at, content.error().message);
        return std::nullopt;
    }
    // A mistyped directory looks the same; an instance without user data is nothing unusual.
    with.out.warning(value.at,
                     "no user data: " + (paths.size() == 1 ? paths[0] + ": there is no such file"
                                                           : "neither " + paths[0] + " nor " +
                                                                 paths[1] + " is there"));
    return std::nullopt;
}

std::optional<std::string> bytes_of(const node& value, const profile::role_profile& of,
                                    context with) {
    if (value.is_scalar()) return value.text;
    if (value.is_mapping() && value.entries.size() == 1) {
        const auto& [key, at, plain, inner] = value.entries[0];
        if (key == "file" || key == "directory" || key == "base64") {
            const auto text = read_text(inner, key, with.out);
            if (!text) return std::nullopt;
            if (key == "base64") return decoded(inner, *text, with.out);
            if (key == "file") return read_file_value(*text, inner.at, with);
            return from_directory(inner, *text, of, with);
        }
    }
    with.out.error(value.at,
                   "'user_data' must be text, {file: PATH}, {directory: PATH} or {base64: TEXT}");
    return std::nullopt;
}

}  // namespace

std::optional<std::string> read_user_data(const node& value, const profile::role_profile& of,
                                          context with) {
    auto bytes = bytes_of(value, of, with);
    if (bytes && bytes->size() > most_user_data)
        with.out.error(value.at,
                       "'user_data' is at most " + std::to_string(most_user_data) + " bytes");
    if (bytes && bytes->empty()) bytes.reset();
    return bytes;
}

}  // namespace config
