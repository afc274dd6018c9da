#include "encoding/json_positions.hpp"

#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/value.hpp>

namespace encoding {

namespace {

namespace json = boost::json;
using error_code = json::error_code;

/// Follows a path while the parser is fed byte by byte.
class follower {
public:
    static constexpr std::size_t max_object_size = json::object::max_size();
    static constexpr std::size_t max_array_size = json::array::max_size();
    static constexpr std::size_t max_key_size = json::string::max_size();
    static constexpr std::size_t max_string_size = json::string::max_size();

    std::vector<std::string> path;
    std::size_t token_start = 0;  // of the token being read
    bool token_ended = false;
    std::size_t best = 0;  // where the deepest value of the path so far starts
    std::size_t best_depth = 0;

    bool on_document_begin(error_code&) { return true; }
    bool on_document_end(error_code&) { return true; }
    bool on_array_begin(error_code&) { return open(true); }
    bool on_object_begin(error_code&) { return open(false); }
    bool on_array_end(std::size_t, error_code&) { return close(); }
    bool on_object_end(std::size_t, error_code&) { return close(); }
    bool on_key_part(json::string_view s, std::size_t, error_code&) {
        name_.append(s.data(), s.size());
        return true;
    }
    bool on_key(json::string_view s, std::size_t, error_code&) {
        name_.append(s.data(), s.size());
        frames_.back().name = std::move(name_);
        name_.clear();
        token_ended = true;
        return true;
    }
    bool on_string_part(json::string_view, std::size_t, error_code&) { return true; }
    bool on_string(json::string_view, std::size_t, error_code&) { return scalar(); }
    bool on_number_part(json::string_view, error_code&) { return true; }
    bool on_int64(std::int64_t, json::string_view, error_code&) { return scalar(); }
    bool on_uint64(std::uint64_t, json::string_view, error_code&) { return scalar(); }
    bool on_double(double, json::string_view, error_code&) { return scalar(); }
    bool on_bool(bool, error_code&) { return scalar(); }
    bool on_null(error_code&) { return scalar(); }
    bool on_comment_part(json::string_view, error_code&) { return true; }
    bool on_comment(json::string_view, error_code&) { return true; }

private:
    struct frame {
        bool array;
        std::size_t next = 0;   // array: the number of the next element
        std::string name;       // object: of the member being read
        bool followed = false;  // all frames up to here lie on the path
    };

    /// A value starts: is it the next one on the path?
    bool value() {
        const std::size_t depth = frames_.size();
        if (depth == 0) return true;
        frame& parent = frames_.back();
        const std::string name = parent.array ? std::to_string(parent.next++) : parent.name;
        const bool here = parent.followed && depth <= path.size() && path[depth - 1] == name;
        if (here && depth > best_depth) {
            best = token_start;
            best_depth = depth;
        }
        return here;
    }
    bool open(bool array) {
        const bool followed = value();
        frames_.push_back({array, 0, {}, followed});
        token_ended = true;
        return true;
    }
    bool close() {
        frames_.pop_back();
        token_ended = true;
        return true;
    }
    bool scalar() {
        value();
        token_ended = true;
        return true;
    }

    std::vector<frame> frames_;
    std::string name_;
};

bool separates(char c) {
    return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == ',' || c == ':';
}

/// The offset at which the text stops being JSON; nothing when it is.
std::optional<std::size_t> feed(json::basic_parser<follower>& parser, std::string_view text) {
    follower& at = parser.handler();
    at.token_ended = true;
    error_code ec;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (at.token_ended && !separates(text[i])) {
            at.token_start = i;
            at.token_ended = false;
        }
        const std::size_t used = parser.write_some(true, &text[i], 1, ec);
        if (ec || used == 0) return i;
    }
    parser.write_some(false, text.data() + text.size(), 0, ec);
    if (ec) return text.size();
    return std::nullopt;
}

}  // namespace

text_position position_of(std::string_view text, std::size_t offset) {
    text_position out;
    for (const char c : text.substr(0, offset)) {
        if (c == '\n') {
            ++out.line;
            out.column = 1;
        } else {
            ++out.column;
        }
    }
    return out;
}

std::optional<std::size_t> locate_json(std::string_view text,
                                       const std::vector<std::string>& path) {
    json::basic_parser<follower> parser{json::parse_options()};
    parser.handler().path = path;
    if (feed(parser, text)) return std::nullopt;
    if (parser.handler().best_depth > 0) return parser.handler().best;
    const auto start = text.find_first_not_of(" \t\r\n");
    return start == std::string_view::npos ? 0 : start;
}

std::optional<std::size_t> json_failure(std::string_view text) {
    json::basic_parser<follower> parser{json::parse_options()};
    return feed(parser, text);
}

}  // namespace encoding
