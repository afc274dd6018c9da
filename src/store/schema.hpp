#pragma once

#include <string>
#include <vector>

#include "base/error.hpp"

namespace store {

/// The statements that lead from one version of the schema to the next. A step that was released
/// is never changed.
using migration = std::vector<std::string>;

/// All steps: the version of the schema is how many of them were taken.
using schema = std::vector<migration>;

/// The tables of each database.
const schema& sqlite_schema();
const schema& postgresql_schema();

/// The refusal of a database whose schema is newer than this program's.
base::error newer_schema(const std::string& database, long long found, std::size_t known);

/// The refusal to read an older one: only who may write can migrate it.
base::error older_schema(const std::string& database, long long found, std::size_t known);

}  // namespace store
