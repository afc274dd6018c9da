#pragma once

#include <memory>
#include <string>

#include "base/clock.hpp"
#include "base/random.hpp"
#include "store/database.hpp"
#include "store/limits.hpp"
#include "store/schema.hpp"

namespace store {

struct sqlite_options {
    /// read_write: made (mode 0600) when it does not exist, migrated when it is older, checked for
    /// damage. read_only: must exist with this program's schema; for commands beside a daemon.
    enum class open_mode { read_write, read_only };

    /// On a local file system. Who may enter its directory is for the caller to check; whoever
    /// writes needs write access to the directory as well.
    std::string path;
    open_mode mode = open_mode::read_write;
    log_limits log = {};
    const schema* steps = &sqlite_schema();  ///< others in tests only
};

/// One file, in WAL mode with synchronous=FULL: a commit is on the disk when it returns. For the
/// processes of one machine. `clock` and `random` must outlive it.
///
/// A file that is damaged, not ours or readable for others is an error and stays as it is; so is
/// one that was removed or replaced while open: what is committed would be lost with it.
base::result<std::unique_ptr<database>> open_sqlite(sqlite_options options,
                                                    const base::clock& clock, base::random& random);

}  // namespace store
