#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/secret.hpp"

namespace verifier {

/// A JSON value (RFC 8259), as far as the issuer's answers need it. The library depends on no JSON
/// library. Texts are wiped: one of them is a key.
class json_value {
public:
    enum class type { null, boolean, number, text, array, object };

    json_value() = default;
    json_value(json_value&&) = default;
    json_value& operator=(json_value&&) = default;
    json_value(const json_value&) = delete;
    json_value& operator=(const json_value&) = delete;
    ~json_value() = default;

    /// Nothing unless `text` is one whole value: UTF-8, no member twice, at most `deepest` deep.
    static std::optional<json_value> parse(std::string_view text);
    static constexpr std::size_t deepest = 16;

    type kind() const { return kind_; }
    /// The member of an object; null: there is none, or this is no object.
    const json_value* find(std::string_view name) const;
    /// Of an array.
    const std::vector<json_value>& elements() const { return elements_; }
    /// Of a text; empty for anything else.
    std::string_view text() const { return kind_ == type::text ? text_.reveal() : ""; }
    /// Of a number that is an integer and fits.
    std::optional<std::int64_t> integer() const;

private:
    friend class json_parser;

    type kind_ = type::null;
    base::secret text_;  // or a number's digits
    std::vector<json_value> elements_;
    std::vector<std::pair<std::string, json_value>> members_;
};

}  // namespace verifier
