#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/surroundings.hpp"
#include "config/configuration.hpp"
#include "policy/document.hpp"

namespace cli {

/// A policy document from a file, for `partition`. Nothing, after adding to `wrong`, when it is not
/// good.
std::optional<policy::document> read_policy_file(const std::string& file,
                                                 policy::document_kind kind,
                                                 std::string_view partition,
                                                 const surroundings& world,
                                                 std::vector<config::diagnostic>& wrong);

/// "file:line:column: message" each, on the error stream.
void print_diagnostics(const std::vector<config::diagnostic>& all, const surroundings& world);

}  // namespace cli
