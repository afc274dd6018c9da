#include "sts/query/constraints.hpp"

#include <algorithm>

#include "policy/unicode.hpp"
#include "sts/wire_error.hpp"

namespace sts {

namespace {

bool between(char32_t c, char32_t low, char32_t high) {
    return c >= low && c <= high;
}

bool is_word(char32_t c) {
    return between(c, 'a', 'z') || between(c, 'A', 'Z') || between(c, '0', '9') || c == '_';
}

bool one_of(char32_t c, std::u32string_view set) {
    return set.find(c) != std::u32string_view::npos;
}

/// \p{L}, \p{Z} and \p{N} beyond ASCII, by leaving out the blocks that hold none of them:
/// controls, marks, punctuation, symbols, private use and noncharacters.
bool is_letter_space_or_number(char32_t c) {
    struct range {
        char32_t low, high;
    };
    static constexpr range others[] = {
        {0x80, 0x9f},     {0xa1, 0xa9},     {0xab, 0xb1},       {0xb4, 0xb4},
        {0xb6, 0xb8},     {0xbb, 0xbb},     {0xbf, 0xbf},       {0xd7, 0xd7},
        {0xf7, 0xf7},     {0x2c2, 0x2c5},   {0x2d2, 0x2df},     {0x2e5, 0x2eb},
        {0x300, 0x36f},   {0x375, 0x375},   {0x37e, 0x37e},     {0x384, 0x385},
        {0x387, 0x387},   {0x482, 0x489},   {0x55a, 0x55f},     {0x589, 0x5cf},
        {0x5f3, 0x61f},   {0x64b, 0x65f},   {0x66a, 0x66d},     {0x1ab0, 0x1aff},
        {0x1dc0, 0x1dff}, {0x200b, 0x2027}, {0x202a, 0x202e},   {0x2030, 0x205e},
        {0x2060, 0x206f}, {0x207a, 0x207e}, {0x208a, 0x208e},   {0x20a0, 0x20ff},
        {0x2190, 0x245f}, {0x2500, 0x2bff}, {0x2e00, 0x2fff},   {0x3001, 0x3004},
        {0x3008, 0x3020}, {0x302a, 0x3030}, {0x3099, 0x309c},   {0xe000, 0xf8ff},
        {0xfe00, 0xfe6f}, {0xff01, 0xff0f}, {0xff1a, 0xff20},   {0xff3b, 0xff40},
        {0xff5b, 0xff65}, {0xffe0, 0xffff}, {0x1f000, 0x1faff}, {0xe0000, 0x10ffff},
    };
    for (const range& r : others) {
        if (between(c, r.low, r.high)) return false;
    }
    return c >= 0x80 && (c & 0xfffe) != 0xfffe;
}

bool is_tag_character(char32_t c) {
    return between(c, 'a', 'z') || between(c, 'A', 'Z') || between(c, '0', '9') ||
           one_of(c, U" _.:/=+-@") || is_letter_space_or_number(c);
}

bool is_arn_character(char32_t c) {
    return one_of(c, U"\t\n\r") || between(c, 0x20, 0x7e) || c == 0x85 ||
           between(c, 0xa0, 0xd7ff) || between(c, 0xe000, 0xfffd) || between(c, 0x10000, 0x10ffff);
}

std::string echo(std::string_view value) {
    std::string_view cut = value.substr(0, constraints::longest_echo);
    // Not in the middle of a character.
    while (cut.size() < value.size() && !cut.empty() && (value[cut.size()] & 0xc0) == 0x80)
        cut.remove_suffix(1);
    return std::string(cut);
}

std::string failed(std::string_view value, std::string_view member, std::string_view rule) {
    return "Value " + std::string(value) + (value.empty() ? "at '" : " at '") +
           std::string(member) + "' failed to satisfy constraint: " + std::string(rule);
}

}  // namespace

const character_class arn_characters{
    is_arn_character,
    "[\\u0009\\u000A\\u000D\\u0020-\\u007E\\u0085\\u00A0-\\uD7FF\\uE000-\\uFFFD\\u10000-"
    "\\u10FFFF]+"};
const character_class name_characters{[](char32_t c) { return is_word(c) || one_of(c, U"+=,.@-"); },
                                      "[\\w+=,.@-]*"};
const character_class external_id_characters{
    [](char32_t c) { return is_word(c) || one_of(c, U"+=,.@:/-"); }, "[\\w+=,.@:\\/-]*"};
const character_class serial_characters{
    [](char32_t c) { return is_word(c) || one_of(c, U"+=/:,.@-"); }, "[\\w+=/:,.@-]*"};
const character_class digit_characters{[](char32_t c) { return between(c, '0', '9'); }, "[\\d]*"};
const character_class policy_characters{
    [](char32_t c) { return one_of(c, U"\t\n\r") || between(c, 0x20, 0xff); },
    "[\\u0009\\u000A\\u000D\\u0020-\\u00FF]+"};
const character_class tag_key_characters{is_tag_character, "[\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]+"};
const character_class tag_value_characters{is_tag_character, "[\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]*"};

bool all_in(const character_class& allowed, std::string_view text) {
    while (!text.empty()) {
        const policy::code_point next = policy::decode_utf8(text);
        if (next.size == 0 || !allowed.contains(next.value)) return false;
        text.remove_prefix(next.size);
    }
    return true;
}

void constraints::add(std::string clause) {
    if (++violations_ > most_clauses) return;
    if (!clauses_.empty()) clauses_ += "; ";
    clauses_ += clause;
}

void constraints::required(const std::optional<std::string>& value, std::string_view member) {
    if (!value) add(failed("null", member, "Member must not be null"));
}

void constraints::text(const std::optional<std::string>& value, std::string_view member,
                       length limits, const character_class* allowed) {
    if (value) check_text(*value, "'" + echo(*value) + "'", member, limits, allowed);
}

// AWS leaves the value out for members that its models call sensitive.
void constraints::secret(const std::optional<std::string>& value, std::string_view member,
                         length limits, const character_class* allowed) {
    if (value) check_text(*value, {}, member, limits, allowed);
}

void constraints::check_text(std::string_view value, std::string_view shown,
                             std::string_view member, length limits,
                             const character_class* allowed) {
    const std::size_t size = policy::utf16_length(value);
    if (allowed != nullptr && !value.empty() && !all_in(*allowed, value))
        add(failed(
            shown, member,
            "Member must satisfy regular expression pattern: " + std::string(allowed->pattern)));
    if (size < limits.least)
        add(failed(
            shown, member,
            "Member must have length greater than or equal to " + std::to_string(limits.least)));
    if (size > limits.most)
        add(failed(shown, member,
                   "Member must have length less than or equal to " + std::to_string(limits.most)));
}

void constraints::range(const std::optional<std::int64_t>& value, std::string_view member,
                        std::int64_t least, std::int64_t most) {
    if (!value) return;
    const std::string quoted = "'" + std::to_string(*value) + "'";
    if (*value < least)
        add(failed(quoted, member,
                   "Member must have value greater than or equal to " + std::to_string(least)));
    if (*value > most)
        add(failed(quoted, member,
                   "Member must have value less than or equal to " + std::to_string(most)));
}

void constraints::choice(const std::optional<std::string>& value, std::string_view member,
                         std::span<const std::string_view> allowed) {
    if (!value || std::find(allowed.begin(), allowed.end(), *value) != allowed.end()) return;
    std::string set;
    for (const std::string_view one : allowed)
        set += (set.empty() ? "" : ", ") + std::string(one);
    add(failed("'" + echo(*value) + "'", member,
               "Member must satisfy enum value set: [" + set + "]"));
}

void constraints::required_list(bool given, std::size_t members, std::string_view member) {
    if (!given) return required(std::nullopt, member);
    if (members == 0)
        add(failed("'[]'", member, "Member must have length greater than or equal to 1"));
}

std::size_t constraints::count(std::size_t members, std::string_view member, std::size_t most) {
    if (members > most)
        add(failed("'[" + std::to_string(members) + " members]'", member,
                   "Member must have length less than or equal to " + std::to_string(most)));
    return members < most ? members : most;
}

base::result<void> constraints::check() const {
    if (violations_ == 0) return {};
    return wire_error("ValidationError", std::to_string(violations_) +
                                             (violations_ == 1 ? " validation error detected: "
                                                               : " validation errors detected: ") +
                                             clauses_);
}

}  // namespace sts
