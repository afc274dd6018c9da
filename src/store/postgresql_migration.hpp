#pragma once

#include <string>

#include "base/error.hpp"
#include "store/postgresql_connection.hpp"
#include "store/schema.hpp"

namespace store {

/// The steps that the database lacks, in one transaction; in a new database all of them. Two
/// replicas that start at once take them once. A newer schema is an error. A database that needs no
/// step is only read, so its user then needs no right to create tables.
///
/// `unavailable` when another one got in the way (or the server did): to be called again.
base::result<> migrate_postgresql(postgresql_connection& connection, const schema& steps);

}  // namespace store
