#pragma once

#include <string>
#include <sys/types.h>

#include "base/error.hpp"
#include "base/random.hpp"
#include "store/schema.hpp"

namespace store {

/// Which file a path names.
struct file_identity {
    dev_t device = 0;
    ino_t inode = 0;
    bool operator==(const file_identity&) const = default;
};

/// A regular file that nobody else may read or write; `not_found` when there is none. It is never
/// opened for this: closing it would end the locks that SQLite holds on it in this process.
base::result<file_identity> check_sqlite_file(const std::string& path);

/// Makes the file with the tables of `steps`, mode 0600, in one step: after a crash there is all of
/// it or nothing. Of several at the same time one is first and the others find its file. An error
/// when a write-ahead log lies there without its database.
base::result<> create_sqlite_file(const std::string& path, const schema& steps,
                                  base::random& random);

}  // namespace store
