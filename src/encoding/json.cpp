#include "encoding/json.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value_stack.hpp>

#include "base/secret.hpp"
#include "encoding/utf8.hpp"

namespace encoding {
namespace {

namespace json = boost::json;
using error_code = json::error_code;

// Keys that are quoted in messages are cut to this many bytes.
constexpr std::size_t shown_key_bytes = 64;

// Events of the parser -> one value. What json::parse does, plus the check for duplicate names.
struct handler {
    static constexpr std::size_t max_object_size = json::object::max_size();
    static constexpr std::size_t max_array_size = json::array::max_size();
    static constexpr std::size_t max_key_size = json::string::max_size();
    static constexpr std::size_t max_string_size = json::string::max_size();

    json::value_stack stack;
    std::vector<std::string> names;       // of all open objects, outermost first
    std::vector<std::size_t> name_begin;  // where each open object's names start
    std::string pending_name;
    std::string failure;

    bool fail(std::string why, error_code& ec) {
        failure = std::move(why);
        ec = json::error::syntax;
        return false;
    }

    bool on_document_begin(error_code&) { return true; }
    bool on_document_end(error_code&) { return true; }

    bool on_array_begin(error_code&) { return true; }
    bool on_array_end(std::size_t n, error_code&) {
        stack.push_array(n);
        return true;
    }

    bool on_object_begin(error_code&) {
        name_begin.push_back(names.size());
        return true;
    }
    bool on_object_end(std::size_t n, error_code& ec) {
        const auto first = names.begin() + static_cast<std::ptrdiff_t>(name_begin.back());
        std::sort(first, names.end());
        const auto twice = std::adjacent_find(first, names.end());
        if (twice != names.end()) {
            return fail("duplicate member name " + json_quoted(twice->substr(0, shown_key_bytes)),
                        ec);
        }
        names.erase(first, names.end());
        name_begin.pop_back();
        stack.push_object(n);
        return true;
    }

    bool on_key_part(json::string_view s, std::size_t, error_code&) {
        pending_name.append(s.data(), s.size());
        stack.push_chars(s);
        return true;
    }
    bool on_key(json::string_view s, std::size_t, error_code&) {
        pending_name.append(s.data(), s.size());
        names.push_back(std::move(pending_name));
        pending_name.clear();
        stack.push_key(s);
        return true;
    }
    bool on_string_part(json::string_view s, std::size_t, error_code&) {
        stack.push_chars(s);
        return true;
    }
    bool on_string(json::string_view s, std::size_t, error_code&) {
        stack.push_string(s);
        return true;
    }

    bool on_number_part(json::string_view, error_code&) { return true; }
    bool on_int64(std::int64_t i, json::string_view, error_code&) {
        stack.push_int64(i);
        return true;
    }
    bool on_uint64(std::uint64_t u, json::string_view, error_code&) {
        stack.push_uint64(u);
        return true;
    }
    bool on_double(double d, json::string_view, error_code& ec) {
        if (!std::isfinite(d)) return fail("number out of range", ec);
        stack.push_double(d);
        return true;
    }
    bool on_bool(bool b, error_code&) {
        stack.push_bool(b);
        return true;
    }
    bool on_null(error_code&) {
        stack.push_null();
        return true;
    }
    bool on_comment_part(json::string_view, error_code&) { return true; }
    bool on_comment(json::string_view, error_code&) { return true; }
};

void wipe(json::value& value) {
    if (json::string* text = value.if_string()) {
        base::wipe(text->data(), text->size());
    } else if (json::array* list = value.if_array()) {
        for (json::value& item : *list)
            wipe(item);
    } else if (json::object* members = value.if_object()) {
        for (auto& member : *members)
            wipe(member.value());
    }
}

}  // namespace

base::result<json::value> parse_json(std::string_view text, json_limits limits) {
    if (text.size() > limits.bytes) {
        return base::exhausted("JSON text is longer than " + std::to_string(limits.bytes) +
                               " bytes");
    }
    json::parse_options options;
    options.max_depth = limits.depth;
    json::basic_parser<handler> parser(options);
    parser.handler().stack.reset();

    error_code ec;
    const std::size_t used = parser.write_some(false, text.data(), text.size(), ec);
    if (!ec && used < text.size()) ec = json::error::extra_data;
    if (ec) {
        const std::string& own = parser.handler().failure;
        return base::invalid("JSON: " + (own.empty() ? ec.message() : own) + " at byte " +
                             std::to_string(used));
    }
    return parser.handler().stack.release();
}

wiped_texts::~wiped_texts() {
    wipe(value_);
}

std::string json_text(const json::value& value) {
    std::string text = json::serialize(value);
    // Values made from bytes of a peer need not be UTF-8; JSON must be. Only strings can hold such
    // bytes, so replacing them leaves the structure alone.
    if (!is_utf8(text)) text = scrub_utf8(text);
    return text;
}

std::string json_quoted(std::string_view text) {
    static constexpr char digits[] = "0123456789abcdef";
    std::string out;
    out.reserve(text.size() + 2);
    out += '"';
    while (!text.empty()) {
        const char c = text.front();
        std::size_t size = 1;
        switch (c) {
            case '"':
                out += "\\\"";
                break;
            case '\\':
                out += "\\\\";
                break;
            case '\b':
                out += "\\b";
                break;
            case '\f':
                out += "\\f";
                break;
            case '\n':
                out += "\\n";
                break;
            case '\r':
                out += "\\r";
                break;
            case '\t':
                out += "\\t";
                break;
            default:
                if (static_cast<unsigned char>(c) < 0x20) {
                    out += "\\u00";
                    out += digits[c >> 4];
                    out += digits[c & 15];
                } else if ((size = utf8_sequence(text)) == 0) {
                    size = 1;
                    out += replacement_character;
                } else {
                    out += text.substr(0, size);
                }
        }
        text.remove_prefix(size);
    }
    out += '"';
    return out;
}

}  // namespace encoding
