#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "policy/context.hpp"

namespace policy {

/// In compiled text these two bytes, which valid UTF-8 never holds, stand for `*` and `?`. So a
/// literal star (`${*}`, or one inside a substituted value) can never turn into a wildcard.
inline constexpr char any_run = '\xff';
inline constexpr char any_one = '\xfe';

/// True when compiled text matches as a whole. `?` is one UTF-16 code unit, as in IAM.
bool glob(std::string_view compiled, std::string_view text);
/// The same without regard to ASCII case; `compiled` must be lower case (action names).
bool glob_ignoring_case(std::string_view compiled, std::string_view text);
/// `*` and `?` become wildcards, all else is literal.
std::string compile_wildcards(std::string_view text);

/// How a text of a policy is read.
struct pattern_syntax {
    bool wildcards = false;
    bool variables = false;  ///< documents of version 2012-10-17
};

/// A text with wildcards and `${variables}`, compiled once.
class pattern {
public:
    static base::result<pattern> parse(std::string_view text, pattern_syntax syntax);

    bool has_variables() const { return !variables_.empty(); }
    /// Lower case.
    void add_variable_keys(std::vector<std::string>& to) const;
    /// Byte offset in the source of the first variable.
    std::size_t first_variable() const { return first_variable_; }

    /// The compiled text with every variable replaced, literally. Nothing when a variable has no
    /// value and no default, or names a multivalued key. `scratch` backs the answer when needed.
    std::optional<std::string_view> expand(const context& facts, std::string& scratch) const;

private:
    struct variable {
        std::size_t at;   // where in compiled_ the value goes
        std::string key;  // lower case
        std::optional<std::string> fallback;
    };

    std::string compiled_;  // without the variables
    std::vector<variable> variables_;
    std::size_t first_variable_ = 0;
};

}  // namespace policy
