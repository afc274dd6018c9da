#include "verifier/json_reader.hpp"

#include <charconv>

#include "encoding/utf8.hpp"

namespace verifier {

namespace {

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

void append_utf8(std::uint32_t c, std::string& out) {
    if (c < 0x80) {
        out += char(c);
    } else if (c < 0x800) {
        out += char(0xc0 | c >> 6);
        out += char(0x80 | (c & 0x3f));
    } else if (c < 0x10000) {
        out += char(0xe0 | c >> 12);
        out += char(0x80 | (c >> 6 & 0x3f));
        out += char(0x80 | (c & 0x3f));
    } else {
        out += char(0xf0 | c >> 18);
        out += char(0x80 | (c >> 12 & 0x3f));
        out += char(0x80 | (c >> 6 & 0x3f));
        out += char(0x80 | (c & 0x3f));
    }
}

}  // namespace

class json_parser {
public:
    explicit json_parser(std::string_view text) : rest_(text) {}

    bool whole(json_value& into) {
        if (!value(into, 0)) return false;
        skip_space();
        return rest_.empty();
    }

private:
    using type = json_value::type;

    void skip_space() {
        const auto end = rest_.find_first_not_of(" \t\r\n");
        rest_.remove_prefix(end == std::string_view::npos ? rest_.size() : end);
    }

    bool take(char c) {
        skip_space();
        if (!rest_.starts_with(c)) return false;
        rest_.remove_prefix(1);
        return true;
    }

    bool word(std::string_view expected, json_value& into, type kind) {
        if (!rest_.starts_with(expected)) return false;
        rest_.remove_prefix(expected.size());
        into.kind_ = kind;
        return true;
    }

    bool value(json_value& into, std::size_t depth) {
        if (depth > json_value::deepest) return false;
        skip_space();
        if (rest_.empty()) return false;
        switch (rest_.front()) {
            case '{':
                return object(into, depth);
            case '[':
                return array(into, depth);
            case '"':
                return quoted(into);
            case 't':
                return word("true", into, type::boolean);
            case 'f':
                return word("false", into, type::boolean);
            case 'n':
                return word("null", into, type::null);
            default:
                return number(into);
        }
    }

    bool object(json_value& into, std::size_t depth) {
        into.kind_ = type::object;
        take('{');
        if (take('}')) return true;
        do {
            skip_space();
            json_value name, member;
            if (!rest_.starts_with('"') || !quoted(name) || !take(':')) return false;
            if (into.find(name.text()) != nullptr || !value(member, depth + 1)) return false;
            into.members_.emplace_back(std::string(name.text()), std::move(member));
        } while (take(','));
        return take('}');
    }

    bool array(json_value& into, std::size_t depth) {
        into.kind_ = type::array;
        take('[');
        if (take(']')) return true;
        do {
            json_value element;
            if (!value(element, depth + 1)) return false;
            into.elements_.push_back(std::move(element));
        } while (take(','));
        return take(']');
    }

    bool quoted(json_value& into) {
        // The end first: a buffer that grows would leave copies behind.
        std::size_t end = 1;
        while (end < rest_.size() && rest_[end] != '"')
            end += rest_[end] == '\\' ? 2 : 1;
        if (end >= rest_.size()) return false;
        std::string text;
        text.reserve(end);
        const bool good = unescape(rest_.substr(1, end - 1), text);
        if (good) {
            into.kind_ = type::text;
            into.text_ = base::secret(text);
        }
        base::wipe(text.data(), text.size());
        rest_.remove_prefix(end + 1);
        return good;
    }

    static bool unescape(std::string_view from, std::string& out) {
        while (!from.empty()) {
            const char c = from.front();
            from.remove_prefix(1);
            if (static_cast<unsigned char>(c) < 0x20) return false;
            if (c != '\\') {
                out += c;
                continue;
            }
            if (from.empty()) return false;
            const char escape = from.front();
            from.remove_prefix(1);
            constexpr std::string_view written = "\"\\/bfnrt", meant = "\"\\/\b\f\n\r\t";
            if (const auto at = written.find(escape); at != std::string_view::npos)
                out += meant[at];
            else if (escape != 'u' || !code_point(from, out))
                return false;
        }
        return true;
    }

    static bool hex4(std::string_view& from, std::uint32_t& out) {
        if (from.size() < 4) return false;
        const auto [end, failed] = std::from_chars(from.data(), from.data() + 4, out, 16);
        if (failed != std::errc{} || end != from.data() + 4) return false;
        from.remove_prefix(4);
        return true;
    }

    static bool code_point(std::string_view& from, std::string& out) {
        std::uint32_t c = 0;
        if (!hex4(from, c) || (c >= 0xdc00 && c < 0xe000)) return false;
        if (c >= 0xd800 && c < 0xdc00) {
            std::uint32_t low = 0;
            if (!from.starts_with("\\u")) return false;
            from.remove_prefix(2);
            if (!hex4(from, low) || low < 0xdc00 || low > 0xdfff) return false;
            c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
        }
        append_utf8(c, out);
        return true;
    }

    std::size_t digits(std::size_t from) const {
        while (from < rest_.size() && is_digit(rest_[from]))
            ++from;
        return from;
    }

    bool number(json_value& into) {
        const std::size_t first = rest_.starts_with('-') ? 1 : 0;
        std::size_t end = digits(first);
        if (end == first || (rest_[first] == '0' && end > first + 1)) return false;
        if (end < rest_.size() && rest_[end] == '.') {
            const std::size_t start = end + 1;
            end = digits(start);
            if (end == start) return false;
        }
        if (end < rest_.size() && (rest_[end] == 'e' || rest_[end] == 'E')) {
            std::size_t start = end + 1;
            if (start < rest_.size() && (rest_[start] == '+' || rest_[start] == '-')) ++start;
            end = digits(start);
            if (end == start) return false;
        }
        into.kind_ = type::number;
        into.text_ = base::secret(rest_.substr(0, end));
        rest_.remove_prefix(end);
        return true;
    }

    std::string_view rest_;
};

std::optional<json_value> json_value::parse(std::string_view text) {
    json_value out;
    if (!encoding::is_utf8(text) || !json_parser(text).whole(out)) return std::nullopt;
    return out;
}

const json_value* json_value::find(std::string_view name) const {
    for (const auto& [known, value] : members_) {
        if (known == name) return &value;
    }
    return nullptr;
}

std::optional<std::int64_t> json_value::integer() const {
    if (kind_ != type::number) return std::nullopt;
    const std::string_view text = text_.reveal();
    std::int64_t out = 0;
    const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), out);
    if (failed != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return out;
}

}  // namespace verifier
