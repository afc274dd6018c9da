#include "store/postgresql_transaction.hpp"

#include <utility>

namespace store {

base::result<postgresql_transaction> postgresql_transaction::begin(
    postgresql_connection& connection, mode wanted) {
    const auto begun =
        connection.run(wanted == mode::write ? "BEGIN ISOLATION LEVEL READ COMMITTED, READ WRITE"
                                             : "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY");
    if (begun.has_error()) return begun.error();
    return postgresql_transaction(connection);
}

postgresql_transaction::postgresql_transaction(postgresql_transaction&& other) noexcept
    : connection_(std::exchange(other.connection_, nullptr)) {}

postgresql_transaction::~postgresql_transaction() {
    // A session that cannot roll back is lost, and the server rolls back by itself.
    if (connection_ && !connection_->is_lost()) {
        [[maybe_unused]] const auto ignored = connection_->run("ROLLBACK");
    }
}

base::result<> postgresql_transaction::commit() {
    const auto done = connection_->run("COMMIT");
    if (done.has_error()) {
        // Not rolled back here: that would replace the SQLSTATE, and COMMIT ended it either way.
        connection_ = nullptr;
        return done.error();
    }
    const bool committed = connection_->command() == "COMMIT";
    connection_ = nullptr;
    if (!committed) return base::internal("PostgreSQL: the transaction was rolled back");
    return {};
}

}  // namespace store
