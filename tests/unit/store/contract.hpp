#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "store/database.hpp"
#include "store/limits.hpp"
#include "support/manual_clock.hpp"

namespace store_test {

/// One more handle to the same, at first empty, database.
using opener = std::function<std::unique_ptr<store::database>(store::log_limits)>;

/// What every database keeps to, as sections of the test case that calls it. `open_empty` makes a
/// database for each section.
void check_contract(const std::function<opener()>& open_empty, support::manual_clock& clock);

using row_map = std::map<std::pair<std::string, std::string>, std::string>;
row_map rows_of(store::database& database);
store::row_change put(std::string kind, std::string id, std::string body);
store::row_change gone(std::string kind, std::string id);

/// Commits, which must succeed; the new version.
std::uint64_t commit_now(store::database& database, std::uint64_t expected,
                         const std::vector<store::row_change>& changes);

}  // namespace store_test
