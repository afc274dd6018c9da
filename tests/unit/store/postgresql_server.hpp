#pragma once

#include <memory>
#include <string>
#include <sys/types.h>

#include "base/secret.hpp"
#include "store/postgresql_database.hpp"
#include "unit/store/temporary_directory.hpp"

namespace store_test {

/// A PostgreSQL server of this process's own: a new cluster in a directory of its own, on a unix
/// socket only, not as root. It ends with this process, however that ends.
class postgresql_server {
public:
    /// One for all tests of this process; null when PostgreSQL is not installed.
    static postgresql_server* shared();

    explicit postgresql_server(const std::string& programs);
    ~postgresql_server();

    /// For the database's superuser, in the schema `space`, by the socket in `folder` (empty: the
    /// server's own).
    store::postgresql_options options(const std::string& space,
                                      const std::string& folder = {}) const;
    std::string socket_folder() const { return directory_ / "s"; }
    static base::secret password() { return base::secret("correct horse battery"); }

    /// A schema of its own for one test.
    std::string new_space();

    /// Statements without results, one after another.
    void execute(const std::string& space, const std::vector<std::string>& statements);

    /// As after a crash: no checkpoint, nobody is told.
    void kill_and_start();

private:
    pid_t run(const std::vector<std::string>& command, const std::string& output) const;
    void start();
    void stop(int signal);

    temporary_directory directory_;
    std::string programs_;
    uid_t user_ = 0;
    gid_t group_ = 0;
    pid_t server_ = -1;
    unsigned spaces_ = 0;
};

/// The handle, or the test fails.
std::unique_ptr<store::database> open_now(store::postgresql_options options,
                                          const base::clock& clock, base::random& random);

}  // namespace store_test
