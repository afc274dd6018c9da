#pragma once

#include <span>
#include <string>

#include "base/error.hpp"
#include "base/random.hpp"
#include "store/database.hpp"

namespace store {

/// The limits of limits.hpp, text that every database can hold (UTF-8 without NUL), no row twice.
/// The error names the row, never its body.
base::result<> check_changes(std::span<const row_change> changes);

/// 128 random bits as text: by it a commit that lost its answer is recognised.
std::string new_commit_id(base::random& random);

}  // namespace store
