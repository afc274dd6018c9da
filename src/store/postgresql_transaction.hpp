#pragma once

#include "base/error.hpp"
#include "store/postgresql_connection.hpp"

namespace store {

/// BEGIN now, ROLLBACK at the end of the scope unless committed.
class postgresql_transaction {
public:
    enum class mode {
        snapshot,  ///< reads that belong together
        write,     ///< READ COMMITTED: a statement that waited for a row sees it as it is then
    };
    static base::result<postgresql_transaction> begin(postgresql_connection& connection,
                                                      mode wanted);
    postgresql_transaction(postgresql_transaction&& other) noexcept;
    postgresql_transaction& operator=(postgresql_transaction&&) = delete;
    ~postgresql_transaction();

    /// An error with the connection lost, or SQLSTATE 40003, leaves open whether it took place.
    base::result<> commit();

private:
    explicit postgresql_transaction(postgresql_connection& connection) : connection_(&connection) {}
    postgresql_connection* connection_;
};

}  // namespace store
