#include "iam/operations/parameters.hpp"

#include "iam/limits.hpp"
#include "sts/wire_error.hpp"

namespace iam {

namespace {

constexpr std::size_t longest_path = 512;
constexpr std::size_t shortest_arn = 20;
constexpr std::size_t longest_arn = 2048;

bool is_printable(char32_t c) {
    return c >= 0x21 && c <= 0x7f;
}

const sts::character_class iam_names{sts::name_characters.contains, "[\\w+=,.@-]+"};
const sts::character_class path_characters{is_printable,
                                           "(\\u002F)|(\\u002F[\\u0021-\\u007E]+\\u002F)"};
const sts::character_class prefix_characters{is_printable, "\\u002F[\\u0021-\\u007F]*"};
/// For what is in the right alphabet and still not of the right form.
const sts::character_class no_path{[](char32_t) { return false; }, path_characters.pattern};
const sts::character_class no_prefix{[](char32_t) { return false; }, prefix_characters.pattern};

bool is_path(std::string_view text) {
    return text.starts_with('/') && text.ends_with('/') && text.size() != 2 &&
           text.find('\x7f') == std::string_view::npos;
}

}  // namespace

void require_name(sts::constraints& c, const std::optional<std::string>& value,
                  std::string_view member, std::size_t most) {
    c.required(value, member);
    check_name(c, value, member, most);
}

void check_name(sts::constraints& c, const std::optional<std::string>& value,
                std::string_view member, std::size_t most) {
    c.text(value, member, {1, most}, &iam_names);
}

void check_path(sts::constraints& c, const std::optional<std::string>& value) {
    const bool formed = !value || value->empty() || is_path(*value);
    c.text(value, "path", {1, longest_path}, formed ? &path_characters : &no_path);
}

void check_path_prefix(sts::constraints& c, const std::optional<std::string>& value) {
    const bool formed = !value || value->empty() || value->starts_with('/');
    c.text(value, "pathPrefix", {1, longest_path}, formed ? &prefix_characters : &no_prefix);
}

void require_arn(sts::constraints& c, const std::optional<std::string>& value,
                 std::string_view member) {
    c.required(value, member);
    c.text(value, member, {shortest_arn, longest_arn}, nullptr);
}

base::result<void> check_new_tags(const sts::tag_list& tags) {
    if (tags.size() > most_tags)
        return sts::wire_error("LimitExceeded",
                               "The number of tags has reached the maximum limit.");
    if (const auto good = check_tags(tags); !good)
        return sts::wire_error("InvalidInput", "Invalid tags: " + good.error().message);
    return {};
}

std::string arn_below(const operation_call& call, std::string_view rest) {
    return "arn:" + call.now.partition() + ":iam::" + call.account + ":" + std::string(rest);
}

}  // namespace iam
