#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "iam/key_usage.hpp"
#include "store/database.hpp"

namespace store {

/// Rows that tell when an access key or a role was used last: "last-use", by its id.
inline constexpr std::string_view last_use_kind = "last-use";

row_change last_use_row(const std::string& id, const iam::last_use& use);
base::result<iam::last_use> read_last_use(std::string_view body);

}  // namespace store
