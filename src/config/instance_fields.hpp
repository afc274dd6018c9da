#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "config/reader.hpp"

namespace config {

/// A mapping whose values instance metadata shows. What is wrong is reported at the value.
class instance_fields {
public:
    using test = std::function<bool(std::string_view)>;

    instance_fields(const node& value, const section& schema, context with)
        : fields(value, schema, with.out), with_(with) {}

    static bool is_auto(const node& value) { return value.is_scalar() && value.text == "auto"; }
    static bool is_none(const node& value) { return value.is_scalar() && value.text == "none"; }

    /// Text without spaces; `auto` leaves it empty. `form` completes "'key' must be ".
    void word(std::string_view key, std::string& into) const;
    void word(std::string_view key, std::string& into, const std::string& form,
              const test& good) const;
    /// One line of text, which may have spaces; `auto` leaves it empty.
    void line(std::string_view key, std::string& into) const;
    /// `kind`- and 8 or 17 hex digits; `auto` leaves it empty.
    void resource_id(std::string_view key, std::string_view kind, std::string& into) const;
    /// A value or a list of at most `most`, none twice; `auto` and `none` leave it empty.
    void words(std::string_view key, std::vector<std::string>& into, const std::string& form,
               const test& good, std::size_t most) const;
    /// One value at `at`, checked like those of `words`.
    bool check(const node& at, std::string_view key, std::string_view text, const std::string& form,
               const test& good) const;

    /// Where the value is, else where the mapping is.
    position value_at(std::string_view key) const;

    const mapping fields;

protected:
    context with_;
};

}  // namespace config
