#include "policy/pattern.hpp"

#include "encoding/utf8.hpp"
#include "policy/unicode.hpp"

namespace policy {

namespace {

constexpr char32_t wide_any_run = 0x110000;
constexpr char32_t wide_any_one = 0x110001;

struct same_unit {
    template <class Unit>
    bool operator()(Unit a, Unit b) const {
        return a == b;
    }
};

struct lower_unit {
    bool operator()(char pattern, char text) const {
        return pattern == (text >= 'A' && text <= 'Z' ? char(text + 32) : text);
    }
};

/// Linear but for a step back to the last star: at worst the product of both lengths.
template <class Unit, class Same>
bool match(std::basic_string_view<Unit> p, std::basic_string_view<Unit> t, Unit run, Unit one,
           Same same) {
    std::size_t i = 0, j = 0;
    std::size_t star = std::string_view::npos, resume = 0;
    while (j < t.size()) {
        if (i < p.size() && p[i] == run) {
            star = i++;
            resume = j;
        } else if (i < p.size() && (p[i] == one || same(p[i], t[j]))) {
            ++i;
            ++j;
        } else if (star != std::string_view::npos) {
            i = star + 1;
            j = ++resume;
        } else {
            return false;
        }
    }
    while (i < p.size() && p[i] == run)
        ++i;
    return i == p.size();
}

/// UTF-16 code units, each in 32 bits so that the wildcards have room beside them.
std::u32string utf16_units(std::string_view text, bool compiled) {
    std::u32string out;
    out.reserve(text.size());
    while (!text.empty()) {
        if (compiled && (text.front() == any_run || text.front() == any_one)) {
            out.push_back(text.front() == any_run ? wide_any_run : wide_any_one);
            text.remove_prefix(1);
            continue;
        }
        const code_point next = decode_utf8(text);
        if (next.value >= 0x10000) {
            out.push_back(0xd800 + ((next.value - 0x10000) >> 10));
            out.push_back(0xdc00 + ((next.value - 0x10000) & 0x3ff));
        } else {
            out.push_back(next.size == 0 ? 0xfffd : next.value);
        }
        text.remove_prefix(next.size == 0 ? 1 : next.size);
    }
    return out;
}

base::error bad_variable(std::string_view text) {
    return base::invalid("'" + std::string(text) + "' is not a policy variable");
}

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && text.front() == ' ')
        text.remove_prefix(1);
    while (!text.empty() && text.back() == ' ')
        text.remove_suffix(1);
    return text;
}

}  // namespace

bool glob(std::string_view compiled, std::string_view text) {
    if (compiled.size() == 1 && compiled.front() == any_run) return true;
    // Without `?` the encoding does not matter: runs and literals are bytes.
    if (compiled.find(any_one) == std::string_view::npos || is_ascii(text))
        return match<char>(compiled, text, any_run, any_one, same_unit{});
    const std::u32string wide_pattern = utf16_units(compiled, true);
    const std::u32string wide_text = utf16_units(text, false);
    return match<char32_t>(wide_pattern, wide_text, wide_any_run, wide_any_one, same_unit{});
}

bool glob_ignoring_case(std::string_view compiled, std::string_view text) {
    return match<char>(compiled, text, any_run, any_one, lower_unit{});
}

std::string compile_wildcards(std::string_view text) {
    std::string out(text);
    for (char& c : out) {
        if (c == '*') c = any_run;
        if (c == '?') c = any_one;
    }
    return out;
}

base::result<pattern> pattern::parse(std::string_view text, pattern_syntax syntax) {
    if (!encoding::is_utf8(text)) return base::invalid("the text is not UTF-8");
    pattern out;
    out.compiled_.reserve(text.size());
    const std::string_view whole = text;
    while (!text.empty()) {
        if (syntax.variables && text.starts_with("${")) {
            const auto end = text.find('}');
            if (end == std::string_view::npos) return bad_variable(text);
            const std::string_view inside = text.substr(2, end - 2);
            if (inside == "*" || inside == "?" || inside == "$") {
                out.compiled_.append(inside);
            } else {
                variable v{out.compiled_.size(), {}, {}};
                const auto comma = inside.find(',');
                const std::string_view key = trimmed(inside.substr(0, comma));
                if (key.find(':') == std::string_view::npos ||
                    key.find_first_of("${'") != std::string_view::npos)
                    return bad_variable(text.substr(0, end + 1));
                v.key = lower_case(key);
                if (comma != std::string_view::npos) {
                    const std::string_view quoted = trimmed(inside.substr(comma + 1));
                    if (quoted.size() < 2 || quoted.front() != '\'' || quoted.back() != '\'')
                        return bad_variable(text.substr(0, end + 1));
                    v.fallback = std::string(quoted.substr(1, quoted.size() - 2));
                }
                if (out.variables_.empty())
                    out.first_variable_ = std::size_t(text.data() - whole.data());
                out.variables_.push_back(std::move(v));
            }
            text.remove_prefix(end + 1);
            continue;
        }
        const char c = text.front();
        out.compiled_.push_back(syntax.wildcards && c == '*'   ? any_run
                                : syntax.wildcards && c == '?' ? any_one
                                                               : c);
        text.remove_prefix(1);
    }
    return out;
}

void pattern::add_variable_keys(std::vector<std::string>& to) const {
    for (const variable& v : variables_)
        to.push_back(v.key);
}

std::optional<std::string_view> pattern::expand(const context& facts, std::string& scratch) const {
    if (variables_.empty()) return std::string_view(compiled_);
    scratch.clear();
    std::size_t done = 0;
    for (const variable& v : variables_) {
        scratch.append(compiled_, done, v.at - done);
        done = v.at;
        const context::attribute* found = facts.find(v.key);
        if (found != nullptr && found->multivalued) return std::nullopt;
        if (found != nullptr) {
            scratch.append(found->values.front());
        } else if (v.fallback) {
            scratch.append(*v.fallback);
        } else {
            return std::nullopt;
        }
    }
    scratch.append(compiled_, done);
    return std::string_view(scratch);
}

}  // namespace policy
