#include "unit/store/contract.hpp"

#include "store/memory_database.hpp"
#include "store/sqlite_database.hpp"
#include "support/catch.hpp"
#include "support/counting_random.hpp"
#include "unit/store/postgresql_server.hpp"
#include "unit/store/temporary_directory.hpp"

using namespace store_test;

TEST_CASE("Rows in memory keep the contract of a database") {
    support::manual_clock clock;
    check_contract(
        [&]() -> opener {
            // The first handle says how long the log is.
            auto rows = std::make_shared<std::shared_ptr<store::memory_rows>>();
            return [rows, &clock](store::log_limits limits) {
                if (!*rows) *rows = std::make_shared<store::memory_rows>(clock, limits);
                return std::make_unique<store::memory_database>(*rows);
            };
        },
        clock);
}

TEST_CASE("SQLite keeps the contract of a database") {
    support::manual_clock clock;
    support::counting_random random;
    const temporary_directory directory;
    check_contract(
        [&]() -> opener {
            return [&](store::log_limits limits) {
                store::sqlite_options options;
                options.path = directory / "store.db";
                options.log = limits;
                return store::open_sqlite(options, clock, random).value();
            };
        },
        clock);
}

TEST_CASE("PostgreSQL keeps the contract of a database") {
    postgresql_server* server = postgresql_server::shared();
    if (!server) {
        WARN("SKIPPED: PostgreSQL is not installed");
        return;
    }
    support::manual_clock clock;
    support::counting_random random;
    check_contract(
        [&]() -> opener {
            return [&, space = server->new_space()](store::log_limits limits) {
                auto options = server->options(space);
                options.log = limits;
                return open_now(std::move(options), clock, random);
            };
        },
        clock);
}
