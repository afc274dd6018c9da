#include "store/postgresql_database.hpp"

#include <future>
#include <set>
#include <sys/stat.h>
#include <thread>

#include "store/postgresql_connection.hpp"
#include "support/catch.hpp"
#include "support/counting_random.hpp"
#include "unit/store/contract.hpp"
#include "unit/store/cutting_proxy.hpp"
#include "unit/store/postgresql_server.hpp"

using namespace store_test;
using namespace std::chrono_literals;
using store::commit_state;
using store::wait_end;

namespace {

void check_cut(postgresql_server& server, const base::clock& clock, base::random& random) {
    const temporary_directory folder;
    REQUIRE(::chmod(folder.path().c_str(), 0711) == 0);
    cutting_proxy proxy(folder.path(), server.socket_folder());
    const std::string space = server.new_space();
    const auto direct = open_now(server.options(space), clock, random);
    const auto cut = open_now(server.options(space, folder.path()), clock, random);
    commit_now(*direct, 0, {put("user", "a", "0")});
    REQUIRE(cut->load().value().version == 1);
    const auto change = put("user", "a", "mine");

    SECTION("COMMIT did not arrive: the commit takes place at the second try, once") {
        proxy.arm(cutting_proxy::cut::before_commit);
        const auto outcome = cut->commit(1, {&change, 1}).value();
        CHECK(outcome.state == commit_state::committed);
        CHECK(outcome.version == 2);
    }
    SECTION("COMMIT arrived and its answer did not: the commit is found") {
        proxy.arm(cutting_proxy::cut::after_commit);
        const auto outcome = cut->commit(1, {&change, 1}).value();
        CHECK(outcome.state == commit_state::committed);
        CHECK(outcome.version == 2);
    }
    SECTION("COMMIT arrives while the second try waits: the commit takes place once") {
        proxy.arm(cutting_proxy::cut::late_commit);
        const auto outcome = cut->commit(1, {&change, 1}).value();
        CHECK(outcome.state == commit_state::committed);
        CHECK(outcome.version == 2);
    }
    CHECK(proxy.cuts() == 1);
    CHECK(direct->load().value().version == 2);
    CHECK(rows_of(*direct) == row_map{{{"user", "a"}, "mine"}});
    CHECK(commit_now(*cut, 2, {put("user", "a", "next")}) == 3);
}

void check_cut_beside_others(postgresql_server& server, const base::clock& clock,
                             base::random& random) {
    const temporary_directory folder;
    REQUIRE(::chmod(folder.path().c_str(), 0711) == 0);
    cutting_proxy proxy(folder.path(), server.socket_folder());
    const std::string space = server.new_space();
    const auto direct = open_now(server.options(space), clock, random);
    const auto cut = open_now(server.options(space, folder.path()), clock, random);
    const auto change = put("user", "a", "mine");

    SECTION("a commit that did not take place before another's is a conflict") {
        proxy.arm(cutting_proxy::cut::before_commit,
                  [&] { commit_now(*direct, 0, {put("user", "b", "other")}); });
        const auto outcome = cut->commit(0, {&change, 1}).value();
        CHECK(outcome.state == commit_state::conflict);
        CHECK(outcome.version == 1);
        CHECK(rows_of(*direct) == row_map{{{"user", "b"}, "other"}});
    }
    SECTION("a commit is found below another's") {
        proxy.arm(cutting_proxy::cut::after_commit, [&] {
            commit_now(*direct, 1, {put("user", "b", "other")});
            commit_now(*direct, 2, {put("user", "a", "theirs")});
        });
        const auto outcome = cut->commit(0, {&change, 1}).value();
        CHECK(outcome.state == commit_state::committed);
        CHECK(outcome.version == 1);
        CHECK(rows_of(*cut) == row_map{{{"user", "a"}, "theirs"}, {{"user", "b"}, "other"}});
    }
    SECTION("a commit whose outcome cannot be found out says so") {
        auto options = server.options(space, folder.path());
        options.limits.commit_attempts = 3;
        const auto lonely = open_now(std::move(options), clock, random);
        proxy.arm(cutting_proxy::cut::after_commit, [&] { proxy.refuse_clients(); });
        const auto outcome = lonely->commit(0, {&change, 1});
        REQUIRE(outcome.has_error());
        CHECK(outcome.error().kind == base::error_kind::unavailable);
        CHECK(outcome.error().code == store::commit_outcome_unknown);
        CHECK(direct->load().value().version == 1);
        const auto next = lonely->commit(1, {&change, 1});
        REQUIRE(next.has_error());
        CHECK(next.error().code.empty());
        CHECK(lonely->describe().find("not connected") != std::string::npos);
    }
    CHECK(proxy.cuts() == 1);
}

void check_lesser_servers(postgresql_server& server, const base::clock& clock,
                          base::random& random) {
    const temporary_directory folder;
    REQUIRE(::chmod(folder.path().c_str(), 0711) == 0);
    cutting_proxy proxy(folder.path(), server.socket_folder());
    const std::string space = server.new_space();
    const auto direct = open_now(server.options(space), clock, random);
    SECTION("a server without LISTEN is polled") {
        proxy.replace("LISTEN imdsd", "LIZTEN imdsd");
        const auto lesser = open_now(server.options(space, folder.path()), clock, random);
        const auto is_told = [&] {
            return lesser->describe().find("changes are polled: the server refuses LISTEN: ") !=
                   std::string::npos;
        };
        for (int round = 0; round < 300 && !is_told(); ++round)
            lesser->wait_for_change(100ms).value();
        CHECK(is_told());
        commit_now(*direct, 0, {put("user", "a", "1")});
        CHECK(lesser->wait_for_change(10ms).value() == wait_end::time);
        CHECK(lesser->changes_after(0).value().changes.size() == 1);
    }
    SECTION("a server without NOTIFY is polled") {
        proxy.replace("pg_notify", "pg_nitify");
        const auto lesser = open_now(server.options(space, folder.path()), clock, random);
        CHECK(lesser->describe().find("changes are polled: the server refuses NOTIFY: ") !=
              std::string::npos);
        CHECK(commit_now(*lesser, 0, {put("user", "a", "1")}) == 1);
        CHECK(direct->changes_after(0).value().changes.size() == 1);
    }
    SECTION("a server without these timeouts is used without") {
        proxy.replace("_timeout", "_timexut");
        const auto lesser = open_now(server.options(space, folder.path()), clock, random);
        CHECK(commit_now(*lesser, 0, {put("user", "a", "1")}) == 1);
    }
}

/// A sequence is not rolled back: the trigger knows how often it was called.
std::vector<std::string> failing_trigger(const std::string& state, int times, const char* kind) {
    return {"CREATE SEQUENCE tries",
            "CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
            " IF nextval('tries') <= " +
                std::to_string(times) + " THEN RAISE EXCEPTION 'try again' USING ERRCODE = '" +
                state + "'; END IF; RETURN NULL; END $$",
            std::string("CREATE ") + kind + " fails AFTER INSERT ON imdsd_commits" +
                (std::string_view(kind) == "CONSTRAINT TRIGGER" ? " DEFERRABLE INITIALLY DEFERRED"
                                                                : "") +
                " FOR EACH ROW EXECUTE FUNCTION fail()"};
}

void check_failures(postgresql_server& server, const base::clock& clock, base::random& random) {
    const std::string space = server.new_space();
    auto options = server.options(space);
    options.limits.first_backoff = options.limits.longest_backoff = 1ms;
    const auto database = open_now(std::move(options), clock, random);
    const auto change = put("user", "a", "1");
    SECTION("serialization failures and deadlocks are tried again, within a statement or COMMIT") {
        for (const char* state : {"40001", "40P01"}) {
            for (const char* kind : {"TRIGGER", "CONSTRAINT TRIGGER"}) {
                const auto version = database->load().value().version;
                server.execute(space, failing_trigger(state, 3, kind));
                CHECK(commit_now(*database, version, {change}) == version + 1);
                server.execute(space, {"DROP TRIGGER fails ON imdsd_commits",
                                       "DROP FUNCTION fail()", "DROP SEQUENCE tries"});
            }
        }
    }
    SECTION("but not for ever") {
        server.execute(space, failing_trigger("40001", 1'000'000, "CONSTRAINT TRIGGER"));
        const auto refused = database->commit(0, {&change, 1});
        REQUIRE(refused.has_error());
        CHECK(refused.error().kind == base::error_kind::unavailable);
        CHECK(refused.error().code.empty());
        CHECK(refused.error().message == "PostgreSQL: try again (SQLSTATE 40001)");
        CHECK(database->load().value().version == 0);
    }
    SECTION("another failure of COMMIT is no success and tried once") {
        server.execute(space, failing_trigger("23514", 1, "CONSTRAINT TRIGGER"));
        CHECK(database->commit(0, {&change, 1}).error().kind == base::error_kind::internal);
        CHECK(database->load().value().version == 0);
        CHECK(commit_now(*database, 0, {change}) == 1);
    }
}

void check_schema(postgresql_server& server, const base::clock& clock, base::random& random) {
    const std::string space = server.new_space();
    store::schema newer = store::postgresql_schema();
    newer.push_back({"ALTER TABLE imdsd_rows ADD COLUMN note TEXT NOT NULL DEFAULT ''",
                     "CREATE TABLE imdsd_later (id BIGINT PRIMARY KEY)"});
    const auto with = [&](const store::schema& steps) {
        auto options = server.options(space);
        options.steps = &steps;
        return options;
    };
    SECTION("an older schema is migrated, with its rows; a newer one is refused") {
        commit_now(*open_now(server.options(space), clock, random), 0, {put("user", "a", "1")});
        const auto migrated = open_now(with(newer), clock, random);
        CHECK(rows_of(*migrated) == row_map{{{"user", "a"}, "1"}});
        CHECK(migrated->describe().find("schema 2") != std::string::npos);
        const auto refused = store::open_postgresql(server.options(space), clock, random);
        REQUIRE(refused.has_error());
        CHECK(refused.error().kind == base::error_kind::internal);
        CHECK(refused.error().message ==
              "PostgreSQL: its schema has version 2 and this program knows versions up to 1: a "
              "newer program has migrated it; use that one or a newer one");
    }
    SECTION("a migration that fails changes nothing") {
        commit_now(*open_now(server.options(space), clock, random), 0, {put("user", "a", "1")});
        store::schema wrong = newer;
        wrong.back().push_back("CREATE TABLE imdsd_rows (id BIGINT)");
        CHECK(store::open_postgresql(with(wrong), clock, random).error().message ==
              "PostgreSQL: relation \"imdsd_rows\" already exists (SQLSTATE 42P07)");
        CHECK(rows_of(*open_now(server.options(space), clock, random)).size() == 1);
        CHECK(open_now(with(newer), clock, random)->load().value().version == 1);
    }
    SECTION("of eight that start at once each finds the schema made, once") {
        for (int round = 0; round < 3; ++round) {
            const std::string fresh = server.new_space();
            std::vector<std::future<std::string>> started;
            for (int i = 0; i < 8; ++i) {
                started.push_back(std::async(std::launch::async, [&, fresh]() -> std::string {
                    auto options = server.options(fresh);
                    auto opened = store::open_postgresql(std::move(options), clock, random);
                    if (opened.has_error()) return opened.error().message;
                    const auto all = (*opened)->load();
                    return all.has_error() ? all.error().message : std::to_string(all->version);
                }));
            }
            for (auto& one : started)
                CHECK(one.get() == "0");
        }
    }
}

void check_server_loss(postgresql_server& server, const base::clock& clock, base::random& random) {
    const std::string space = server.new_space();
    const auto one = open_now(server.options(space), clock, random);
    auto quick = server.options(space);
    quick.limits.listen_again = 50ms;
    const auto two = open_now(std::move(quick), clock, random);
    commit_now(*one, 0, {put("user", "a", "1")});
    REQUIRE(two->load().value().version == 1);
    SECTION("the server restarts: all goes on, LISTEN included") {
        server.kill_and_start();
        CHECK(commit_now(*one, 1, {put("user", "a", "2")}) == 2);
        CHECK(two->changes_after(1).value().changes.size() == 1);
        std::uint64_t version = 2;
        const auto is_listening = [&] {
            return two->describe().find("LISTEN/NOTIFY") != std::string::npos;
        };
        while (!is_listening() || two->wait_for_change(10ms).value() != wait_end::time)
            two->wait_for_change(1s).value();
        version = commit_now(*one, version, {put("user", "a", "3")});
        CHECK(two->wait_for_change(30s).value() == wait_end::change);
        CHECK(two->changes_after(2).value().version == 3);
    }
    SECTION("the database has another past: a commit is a conflict, and then all is loaded") {
        // As from a standby that lacked the last commit and was written to since.
        server.execute(space, {"UPDATE imdsd_state SET commit_id = 'other'",
                               "UPDATE imdsd_commits SET commit_id = 'other'"});
        const auto change = put("user", "b", "1");
        CHECK(two->commit(1, {&change, 1}).value().state == commit_state::conflict);
        CHECK(two->changes_after(1).value().reload);
        CHECK(two->load().value().version == 1);
        CHECK(commit_now(*two, 1, {change}) == 2);
    }
    SECTION("a writer that holds the version row too long is waited for no longer than allowed") {
        auto options = server.options(space);
        options.limits.lock = 50ms;
        options.limits.commit_attempts = 2;
        const auto impatient = open_now(std::move(options), clock, random);
        const auto chosen = server.options(space);
        const auto target =
            store::postgresql_target::make(chosen.connection, chosen.password, chosen.limits)
                .value();
        auto holder = store::postgresql_connection::open(target, chosen.limits).value();
        holder.run("BEGIN").value();
        holder.run("SELECT * FROM imdsd_state FOR UPDATE").value();
        const auto change = put("user", "b", "1");
        const auto refused = impatient->commit(1, {&change, 1});
        REQUIRE(refused.has_error());
        CHECK(refused.error().kind == base::error_kind::unavailable);
        CHECK(refused.error().code.empty());
        holder.run("ROLLBACK").value();
        CHECK(commit_now(*impatient, 1, {change}) == 2);
    }
}

void check_connection(postgresql_server& server, const base::clock& clock, base::random& random) {
    SECTION("a wrong password is an error that does not show it") {
        auto options = server.options("public");
        options.password = base::secret("wrong-password-of-mine");
        const auto refused = store::open_postgresql(std::move(options), clock, random);
        REQUIRE(refused.has_error());
        CHECK(refused.error().message.find("authentication failed") != std::string::npos);
        CHECK(refused.error().message.find("wrong-password") == std::string::npos);
    }
    SECTION("a password in the connection string is refused and not shown") {
        for (const char* connection : {"host=h password=hunter22", "postgresql://u:hunter22@h/d",
                                       "postgresql://u:hunter22@[", "host=h password='hunter22"}) {
            auto options = server.options("public");
            options.connection = connection;
            const auto refused = store::open_postgresql(std::move(options), clock, random);
            REQUIRE(refused.has_error());
            CHECK(refused.error().kind == base::error_kind::invalid);
            CHECK(refused.error().message.find("hunter22") == std::string::npos);
        }
    }
    SECTION("no server: an error soon") {
        const temporary_directory nobody;
        const auto refused =
            store::open_postgresql(server.options("public", nobody.path()), clock, random);
        REQUIRE(refused.has_error());
        CHECK(refused.error().kind == base::error_kind::unavailable);
    }
    SECTION("the user may not write: denied, and nothing changed") {
        const std::string space = server.new_space();
        commit_now(*open_now(server.options(space), clock, random), 0, {put("user", "a", "1")});
        server.execute(
            space, {"CREATE ROLE " + space + "_reader LOGIN PASSWORD 'reader'",
                    "GRANT USAGE ON SCHEMA " + space + " TO " + space + "_reader",
                    "GRANT SELECT ON ALL TABLES IN SCHEMA " + space + " TO " + space + "_reader"});
        auto options = server.options(space);
        options.connection += " user=" + space + "_reader";
        options.password = base::secret("reader");
        const auto reader = open_now(std::move(options), clock, random);
        CHECK(rows_of(*reader).size() == 1);
        const auto change = put("user", "b", "1");
        const auto refused = reader->commit(1, {&change, 1});
        REQUIRE(refused.has_error());
        CHECK(refused.error().kind == base::error_kind::denied);
        CHECK(refused.error().code.empty());
    }
    SECTION("a server that acknowledges too early is asked not to") {
        const std::string space = server.new_space();
        auto options = server.options(space);
        options.connection += " options='-c search_path=" + space + " -c synchronous_commit=off'";
        const auto target =
            store::postgresql_target::make(options.connection, options.password, options.limits)
                .value();
        auto connection = store::postgresql_connection::open(target, options.limits).value();
        std::string setting;
        connection
            .run("SELECT current_setting('synchronous_commit')", {},
                 [&](const store::postgresql_row& row) { setting = row.text(0); })
            .value();
        CHECK(setting == "on");
    }
    SECTION("a silent server is given up") {
        const auto chosen = server.options("public");
        auto limits = chosen.limits;
        limits.silence = 100ms;
        const auto target =
            store::postgresql_target::make(chosen.connection, chosen.password, limits).value();
        auto connection = store::postgresql_connection::open(target, limits).value();
        CHECK(connection.run("SELECT pg_sleep(30)").error().message ==
              "PostgreSQL: the server was silent for 100 ms");
        CHECK(connection.is_lost());
    }
}

}  // namespace

TEST_CASE("PostgreSQL: what is particular to it") {
    postgresql_server* server = postgresql_server::shared();
    if (!server) {
        WARN("SKIPPED: PostgreSQL is not installed");
        return;
    }
    support::manual_clock clock;
    support::counting_random random;
    SECTION("cut off") {
        check_cut(*server, clock, random);
    }
    SECTION("cut off beside others") {
        check_cut_beside_others(*server, clock, random);
    }
    SECTION("lesser servers") {
        check_lesser_servers(*server, clock, random);
    }
    SECTION("failures") {
        check_failures(*server, clock, random);
    }
    SECTION("schema") {
        check_schema(*server, clock, random);
    }
    SECTION("server") {
        check_server_loss(*server, clock, random);
    }
    SECTION("connection") {
        check_connection(*server, clock, random);
    }
}
