#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"

namespace encoding {

struct form_field {
    std::string name;
    std::string value;
};

/// Named limits of parse_form.
struct form_limits {
    std::size_t fields = 1000;
};

/// Parses application/x-www-form-urlencoded text (a query string or a body). Order and repetition
/// are kept: what a repetition means is the protocol's decision.
base::result<std::vector<form_field>> parse_form(std::string_view text, form_limits limits = {});

}  // namespace encoding
