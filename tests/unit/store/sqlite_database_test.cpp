#include "store/sqlite_database.hpp"

#include <csignal>
#include <filesystem>
#include <fstream>
#include <future>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "store/sqlite_connection.hpp"
#include "support/catch.hpp"
#include "support/counting_random.hpp"
#include "unit/store/contract.hpp"
#include "unit/store/temporary_directory.hpp"

using namespace store_test;
using namespace std::chrono_literals;
using open_mode = store::sqlite_options::open_mode;

namespace {

struct fixture {
    temporary_directory directory;
    support::manual_clock clock;
    support::counting_random random;
    const std::string path = directory / "store.db";

    store::sqlite_options options(open_mode mode = open_mode::read_write) const {
        store::sqlite_options options;
        options.path = path;
        options.mode = mode;
        return options;
    }
    base::result<std::unique_ptr<store::database>> try_open(
        open_mode mode = open_mode::read_write) {
        return store::open_sqlite(options(mode), clock, random);
    }
    std::unique_ptr<store::database> open(open_mode mode = open_mode::read_write) {
        auto opened = try_open(mode);
        if (opened.has_error()) throw std::runtime_error(opened.error().message);
        return std::move(*opened);
    }
    base::error refusal(open_mode mode = open_mode::read_write) {
        const auto refused = try_open(mode);
        if (!refused.has_error()) throw std::runtime_error("it was opened");
        return refused.error();
    }
    void write(const std::string& bytes) const {
        std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
        ::chmod(path.c_str(), 0600);
    }
    mode_t mode_of(const std::string& suffix) const {
        struct stat facts {};
        return ::stat((path + suffix).c_str(), &facts) == 0 ? facts.st_mode & 0777 : 0;
    }
};

}  // namespace

TEST_CASE("SQLite: the files are the owner's alone, and nothing else is left beside them") {
    fixture f;
    const mode_t before = ::umask(0);
    {
        const auto database = f.open();
        commit_now(*database, 0, {put("user", "a", "1")});
        CHECK(f.mode_of("") == 0600);
        CHECK(f.mode_of("-wal") == 0600);
        CHECK(f.mode_of("-shm") == 0600);
    }
    ::umask(before);
    CHECK(std::distance(std::filesystem::directory_iterator(f.directory.path()), {}) == 1);
    ::chmod(f.path.c_str(), 0640);
    CHECK(f.refusal().kind == base::error_kind::denied);
    CHECK(f.refusal().message == f.path + ": others than its owner have access; chmod 600 it");
}

TEST_CASE("SQLite: a commit is on the disk, whoever reads next") {
    fixture f;
    commit_now(*f.open(), 0, {put("user", "a", "1")});
    CHECK(f.open()->load().value().version == 1);
    CHECK(rows_of(*f.open()) == row_map{{{"user", "a"}, "1"}});
}

TEST_CASE("SQLite: commands read beside a daemon, and write nothing") {
    fixture f;
    CHECK(f.refusal(open_mode::read_only).kind == base::error_kind::not_found);
    CHECK_FALSE(std::filesystem::exists(f.path));
    auto daemon = f.open();
    commit_now(*daemon, 0, {put("user", "a", "1")});
    const auto command = f.open(open_mode::read_only);
    CHECK(rows_of(*command).size() == 1);
    commit_now(*daemon, 1, {put("user", "b", "1")});
    CHECK(command->wait_for_change(30s).value() == store::wait_end::change);
    CHECK(command->changes_after(1).value().changes.size() == 1);
    const auto change = put("user", "c", "1");
    CHECK(command->commit(2, {&change, 1}).error().kind == base::error_kind::denied);
    CHECK(command->describe().find("read-only") != std::string::npos);
    daemon.reset();
    CHECK(rows_of(*f.open(open_mode::read_only)).size() == 2);
}

TEST_CASE("SQLite: an older schema is migrated, a newer one refused") {
    fixture f;
    commit_now(*f.open(), 0, {put("user", "a", "1")});
    store::schema newer = store::sqlite_schema();
    newer.push_back({"ALTER TABLE rows ADD COLUMN note TEXT NOT NULL DEFAULT ''",
                     "CREATE TABLE later (id INTEGER PRIMARY KEY) STRICT"});
    auto options = f.options();
    options.steps = &newer;
    SECTION("whole") {
        auto reader = options;
        reader.mode = open_mode::read_only;
        CHECK(store::open_sqlite(reader, f.clock, f.random).error().message ==
              f.path +
                  ": its schema has version 1 and this program reads version 2: start the "
                  "daemon of this version once, which migrates it");
        const auto migrated = store::open_sqlite(options, f.clock, f.random).value();
        CHECK(rows_of(*migrated) == row_map{{{"user", "a"}, "1"}});
        for (const auto mode : {open_mode::read_write, open_mode::read_only}) {
            CHECK(f.refusal(mode).message ==
                  f.path +
                      ": its schema has version 2 and this program knows versions up to 1: a "
                      "newer program has migrated it; use that one or a newer one");
        }
    }
    SECTION("or not at all") {
        newer.back().push_back("CREATE TABLE rows (id INTEGER)");
        CHECK(store::open_sqlite(options, f.clock, f.random).has_error());
        CHECK(rows_of(*f.open()).size() == 1);
        newer.back().pop_back();
        CHECK(store::open_sqlite(options, f.clock, f.random).value()->load().value().version == 1);
    }
}

TEST_CASE("SQLite: of several that start at once each finds the file made, once") {
    for (int round = 0; round < 10; ++round) {
        fixture f;
        std::vector<std::future<std::string>> started;
        for (int i = 0; i < 6; ++i) {
            started.push_back(std::async(std::launch::async, [&]() -> std::string {
                const auto opened = f.try_open();
                if (opened.has_error()) return opened.error().message;
                const auto all = (*opened)->load();
                return all.has_error() ? all.error().message : std::to_string(all->version);
            }));
        }
        for (auto& one : started)
            CHECK(one.get() == "0");
    }
}

TEST_CASE("SQLite: what is damaged or not ours is refused and stays as it is") {
    fixture f;
    const auto stays = [&](const std::string& expected) {
        const std::string before = get_file(f.path);
        for (const auto mode : {open_mode::read_write, open_mode::read_only}) {
            const base::error e = f.refusal(mode);
            CHECK(e.kind == base::error_kind::internal);
            CHECK(e.message.find(expected) != std::string::npos);
            CHECK(e.message.find(f.path) == 0);
        }
        CHECK(get_file(f.path) == before);
    };
    SECTION("an empty file") {
        f.write("");
        stays("is empty, so no database");
    }
    SECTION("text") {
        f.write(std::string(5000, 'x'));
        stays("the file is damaged");
    }
    SECTION("another program's database") {
        f.write("");
        store::sqlite_connection::open(f.path, store::sqlite_connection::access::read_write)
            .value()
            .execute("CREATE TABLE theirs (id INTEGER)")
            .value();
        stays("none of this program");
    }
    SECTION("a directory") {
        std::filesystem::create_directory(f.path);
        CHECK(f.refusal().kind == base::error_kind::invalid);
    }
    SECTION("a log without its database") {
        std::ofstream(f.path + "-wal") << "something";
        CHECK(f.refusal().message.find("its write-ahead log") != std::string::npos);
        CHECK_FALSE(std::filesystem::exists(f.path));
    }
    SECTION("pages overwritten") {
        {
            const auto database = f.open();
            std::vector<store::row_change> changes;
            for (int i = 0; i < 2000; ++i)
                changes.push_back(put("user", std::to_string(i), std::string(100, 'x')));
            commit_now(*database, 0, changes);
        }
        std::string bytes = get_file(f.path);
        REQUIRE(bytes.size() > 100'000);
        for (std::size_t page = 4; page * 4096 < bytes.size(); page += 3)
            bytes.replace(page * 4096, 64, std::string(64, '\xa5'));
        f.write(bytes);
        const base::error e = f.refusal();
        CHECK(e.kind == base::error_kind::internal);
        CHECK(e.message.find("the file is damaged") != std::string::npos);
        CHECK(get_file(f.path) == bytes);
        // A command does not check all of it, but what it reads.
        const auto reader = f.try_open(open_mode::read_only);
        CHECK((reader.has_error() || (*reader)->load().has_error()));
    }
}

TEST_CASE("SQLite: a file that was replaced while open is no longer written to") {
    fixture f;
    const auto database = f.open();
    commit_now(*database, 0, {put("user", "a", "1")});
    std::filesystem::rename(f.path, f.directory / "moved");
    const auto change = put("user", "b", "1");
    CHECK(database->commit(1, {&change, 1}).error().kind == base::error_kind::not_found);
    std::filesystem::copy_file(f.directory / "moved", f.path);
    ::chmod(f.path.c_str(), 0600);
    CHECK(database->commit(1, {&change, 1}).error().message.find("was replaced while in use") !=
          std::string::npos);
    CHECK(database->changes_after(1).has_error());
    std::filesystem::rename(f.directory / "moved", f.path);
    CHECK(commit_now(*database, 1, {change}) == 2);
}

TEST_CASE("SQLite: a full disk is an error, and what was there stays") {
    fixture f;
    const auto database = f.open();
    commit_now(*database, 0, {put("user", "a", "1")});
    const auto change = put("user", "b", std::string(3'000'000, 'x'));
    ::signal(SIGXFSZ, SIG_IGN);
    rlimit before{};
    REQUIRE(::getrlimit(RLIMIT_FSIZE, &before) == 0);
    rlimit now = before;
    now.rlim_cur = 1'000'000;
    REQUIRE(::setrlimit(RLIMIT_FSIZE, &now) == 0);
    const auto refused = database->commit(1, {&change, 1});
    REQUIRE(::setrlimit(RLIMIT_FSIZE, &before) == 0);
    REQUIRE(refused.has_error());
    CHECK(refused.error().kind == base::error_kind::unavailable);
    CHECK(refused.error().message.find("xxx") == std::string::npos);
    CHECK(database->load().value().version == 1);
    CHECK(commit_now(*database, 1, {change}) == 2);
    CHECK(rows_of(*f.open()).size() == 2);
}

TEST_CASE("SQLite: a restored backup asks for a reload") {
    fixture f;

    {
        const auto database = f.open();
        commit_now(*database, 0, {put("user", "a", "1")});
    }
    const auto handle = f.open();
    commit_now(*handle, 1, {put("user", "lost", "1")});
    REQUIRE(handle->load().value().version == 2);
    // In place, as a tool does that keeps the file: same inode, another past.
    auto other =
        store::sqlite_connection::open(f.path, store::sqlite_connection::access::read_write)
            .value();
    other.execute("UPDATE state SET commit_id = 'other'; UPDATE commits SET commit_id = 'other'")
        .value();
    CHECK(handle->changes_after(2).value().reload);
    const auto change = put("user", "b", "1");
    CHECK(handle->commit(2, {&change, 1}).value().state == store::commit_state::conflict);
    handle->load().value();
    CHECK(commit_now(*handle, 2, {change}) == 3);
}
