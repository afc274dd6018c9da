// What the row stores do in a second, on this machine's disk:
//   store_bench [seconds]
// prints commits of one row, and how long 100,000 rows take to load, for SQLite and for a
// PostgreSQL of its own on a unix socket.
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "host/system_clock.hpp"
#include "host/system_random.hpp"
#include "store/database.hpp"
#include "store/sqlite_database.hpp"
#include "unit/store/postgresql_server.hpp"
#include "unit/store/temporary_directory.hpp"

namespace {

using steady = std::chrono::steady_clock;

double seconds_since(steady::time_point start) {
    return std::chrono::duration<double>(steady::now() - start).count();
}

std::uint64_t commit(store::database& database, std::uint64_t version,
                     const std::vector<store::row_change>& changes) {
    const auto outcome = database.commit(version, changes).value();
    if (outcome.state != store::commit_state::committed) throw std::runtime_error("conflict");
    return outcome.version;
}

void measure(const std::string& name, store::database& database, double seconds) {
    const std::string body(300, 'x');  // about what a user with a key has
    std::vector<store::row_change> all;
    for (int i = 0; i < 100'000; ++i)
        all.push_back({"user", "user-" + std::to_string(i), body});
    std::uint64_t version = commit(database, 0, all);

    auto start = steady::now();
    if (database.load().value().rows.size() != all.size())
        throw std::runtime_error("rows are lost");
    std::printf("%-32s %10.2f s\n", (name + ", 100,000 rows loaded").c_str(), seconds_since(start));

    std::size_t count = 0;
    start = steady::now();
    while (seconds_since(start) < seconds) {
        version = commit(database, version, {all[count % all.size()]});
        ++count;
    }
    std::printf("%-32s %10.0f per second\n", (name + ", commits").c_str(),
                double(count) / seconds_since(start));
}

}  // namespace

int main(int argc, char** argv) {
    const double seconds = argc > 1 ? std::atof(argv[1]) : 2.0;
    host::system_clock clock;
    host::system_random random;
    {
        const store_test::temporary_directory directory;
        store::sqlite_options options;
        options.path = directory / "store.db";
        measure("SQLite", *store::open_sqlite(options, clock, random).value(), seconds);
    }
    auto* server = store_test::postgresql_server::shared();
    if (!server) {
        std::fprintf(stderr, "store_bench: PostgreSQL is not installed\n");
        return 0;
    }
    measure("PostgreSQL",
            *store_test::open_now(server->options(server->new_space()), clock, random), seconds);
    return 0;
}
