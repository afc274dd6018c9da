#pragma once

#include <string>
#include <string_view>

#include <boost/json/value.hpp>

#include "base/error.hpp"

namespace encoding {

struct json_limits {
    std::size_t depth = 32;
    std::size_t bytes = 1 << 20;
};

/// Strict JSON (RFC 8259): one value, valid UTF-8, no duplicate member names (Boost.JSON would keep
/// the last one silently), no trailing text. Errors say what and at which byte.
base::result<boost::json::value> parse_json(std::string_view text, json_limits limits = {});

/// Clears the texts of a value that holds secrets, on every way out.
class wiped_texts {
public:
    explicit wiped_texts(boost::json::value& value) : value_(value) {}
    ~wiped_texts();
    wiped_texts(const wiped_texts&) = delete;
    wiped_texts& operator=(const wiped_texts&) = delete;

private:
    boost::json::value& value_;
};

/// Compact text.
std::string json_text(const boost::json::value& value);
/// `"…"` with escapes.
std::string json_quoted(std::string_view text);

}  // namespace encoding
