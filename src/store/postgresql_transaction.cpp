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
    if (connection_) connection_->roll_back();
}

base::result<> postgresql_transaction::commit() {
    const auto done = connection_->run("COMMIT");
    if (done.has_error()) {
        connection_ = nullptr;  // COMMIT ended it either way
        return done.error();
    }
    const bool committed = connection_->command() == "COMMIT";
    connection_ = nullptr;
    if (!committed) return base::internal("PostgreSQL: the transaction was rolled back");
    return {};
}

}  // namespace store
