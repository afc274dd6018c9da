#pragma once

#include <string>

#include "base/error.hpp"
#include "store/schema.hpp"
#include "store/sqlite_connection.hpp"

namespace store {

/// The steps that the file lacks, in one transaction; a new, empty file gets all of them. A file
/// that is no store of ours, or has a newer schema, is an error and stays as it is.
base::result<> migrate_sqlite(sqlite_connection& connection, const std::string& path,
                              const schema& steps);

/// For readers: the schema is this program's.
base::result<> check_sqlite_schema(sqlite_connection& connection, const std::string& path,
                                   const schema& steps);

}  // namespace store
