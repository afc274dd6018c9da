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

bool is_policy_path_character(char32_t c) {
    return c == '/' || sts::name_characters.contains(c);
}
const sts::character_class policy_path_characters{is_policy_path_character,
                                                  "((/[A-Za-z0-9\\.,\\+@=_-]+)*)/"};
const sts::character_class no_policy_path{[](char32_t) { return false; },
                                          policy_path_characters.pattern};
const sts::character_class word_characters{[](char32_t c) {
                                               return (c >= 'a' && c <= 'z') ||
                                                      (c >= 'A' && c <= 'Z') ||
                                                      (c >= '0' && c <= '9') || c == '_';
                                           },
                                           "[\\w]+"};

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

void check_path(sts::constraints& c, const std::optional<std::string>& value,
                std::string_view member) {
    const bool formed = !value || value->empty() || is_path(*value);
    c.text(value, member, {1, longest_path}, formed ? &path_characters : &no_path);
}

void check_path_prefix(sts::constraints& c, const std::optional<std::string>& value) {
    const bool formed = !value || value->empty() || value->starts_with('/');
    c.text(value, "pathPrefix", {1, longest_path}, formed ? &prefix_characters : &no_prefix);
}

void require_arn(sts::constraints& c, const std::optional<std::string>& value,
                 std::string_view member) {
    c.required(value, member);
    check_arn(c, value, member);
}

void check_arn(sts::constraints& c, const std::optional<std::string>& value,
               std::string_view member) {
    c.text(value, member, {shortest_arn, longest_arn}, nullptr);
}

void check_policy_path(sts::constraints& c, const std::optional<std::string>& value,
                       std::string_view member) {
    const bool formed = !value || value->empty() ||
                        (value->starts_with('/') && value->ends_with('/') &&
                         value->find("//") == std::string::npos);
    c.text(value, member, {1, longest_path}, formed ? &policy_path_characters : &no_policy_path);
}

void require_policy_document(sts::constraints& c, const std::optional<std::string>& value,
                             std::string_view member) {
    constexpr std::size_t longest_document = 131'072;
    c.required(value, member);
    c.text(value, member, {1, longest_document}, &sts::policy_characters);
}

void require_access_key_id(sts::constraints& c, const std::optional<std::string>& value) {
    c.required(value, "accessKeyId");
    c.text(value, "accessKeyId", {16, 128}, &word_characters);
}

base::result<sts::passed_texts> read_tag_keys(const sts::parameters& from) {
    const auto keys = from.scalars("TagKeys");
    if (!keys) return keys.error();
    sts::passed_texts out;
    for (const sts::parameters::element& one : *keys)
        out.push_back(one.text(""));
    return out;
}

void check_tag_keys(sts::constraints& c, const sts::passed_texts& keys) {
    const std::size_t looked_at = c.count(keys.size(), "tagKeys", most_tags);
    for (std::size_t i = 0; i < looked_at; ++i) {
        const std::string member = "tagKeys." + std::to_string(i + 1) + ".member";
        c.required(keys[i], member);
        c.text(keys[i], member, {1, tag_key_characters}, &sts::tag_key_characters);
    }
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
