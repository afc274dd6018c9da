#include "unit/store/contract.hpp"

#include <atomic>
#include <chrono>
#include <thread>

#include "support/catch.hpp"

using store::commit_state;
using store::row_change;
using store::wait_end;

namespace store_test {
namespace {

using namespace std::chrono_literals;

constexpr auto long_time = base::milliseconds(30'000);

void check_commits(const opener& open) {
    const auto one = open({});
    const auto two = open({});
    SECTION("a new database is empty") {
        const auto all = one->load().value();
        CHECK(all.version == 0);
        CHECK(all.rows.empty());
        const auto changed = one->changes_after(0).value();
        CHECK(changed.version == 0);
        CHECK(changed.changes.empty());
        CHECK_FALSE(changed.reload);
        CHECK_FALSE(one->describe().empty());
    }
    SECTION("a commit adds one to the version, and the other handle sees its rows") {
        CHECK(commit_now(*one, 0,
                         {put("user", "alice", R"({"path":"/"})"), put("role", "r", "{}")}) == 1);
        CHECK(two->load().value().version == 1);
        CHECK(rows_of(*two) ==
              row_map{{{"role", "r"}, "{}"}, {{"user", "alice"}, R"({"path":"/"})"}});
    }
    SECTION("of two commits on one version the second is a conflict and changes nothing") {
        REQUIRE(one->load().value().version == 0);
        REQUIRE(two->load().value().version == 0);
        commit_now(*one, 0, {put("user", "a", "1")});
        const row_change other = put("user", "a", "2");
        const auto refused = two->commit(0, {&other, 1}).value();
        CHECK(refused.state == commit_state::conflict);
        CHECK(refused.version == 1);
        CHECK(rows_of(*two) == row_map{{{"user", "a"}, "1"}});
        CHECK(commit_now(*two, 1, {other}) == 2);
        CHECK(rows_of(*one) == row_map{{{"user", "a"}, "2"}});
    }
    SECTION("a version that is not reached yet is a conflict") {
        const row_change change = put("user", "a", "1");
        const auto refused = one->commit(7, {&change, 1}).value();
        CHECK(refused.state == commit_state::conflict);
        CHECK(refused.version == 0);
    }
    SECTION("rows are deleted, also such as do not exist") {
        commit_now(*one, 0, {put("user", "a", "1"), put("user", "b", "2")});
        commit_now(*one, 1, {gone("user", "a"), gone("user", "c"), put("user", "d", "3")});
        CHECK(rows_of(*two) == row_map{{{"user", "b"}, "2"}, {{"user", "d"}, "3"}});
    }
    SECTION("text comes back as it was, whatever it is") {
        const std::string odd =
            "'); DROP TABLE rows; -- \"\\{},NULL\t\n \xc3\xa4 \xf0\x9f\x94\x91 $1";
        const std::string large(1'000'000, 'x');
        commit_now(*one, 0,
                   {put("odd", odd, odd), put("large", "x", large), put("empty", "x", "")});
        CHECK(rows_of(*two) ==
              row_map{{{"odd", odd}, odd}, {{"large", "x"}, large}, {{"empty", "x"}, ""}});
        const auto changed = two->changes_after(0).value();
        CHECK(changed.changes.size() == 3);
        commit_now(*one, 1, {gone("odd", odd)});
        CHECK(rows_of(*two).size() == 2);
    }
    SECTION("writers at the same time lose nothing to each other") {
        constexpr int writers = 4, rounds = 25;
        std::vector<std::thread> threads;
        std::atomic<int> failures = 0;
        for (int writer = 0; writer < writers; ++writer) {
            threads.emplace_back([&, writer, own = std::shared_ptr(open({}))] {
                for (int done = 0; done < rounds;) {
                    const auto all = own->load();
                    if (all.has_error()) {
                        ++failures;
                        return;
                    }
                    int count = 0;
                    for (const auto& row : all->rows) {
                        if (row.id == "shared") count = std::stoi(row.body);
                    }
                    const std::vector<row_change> changes{
                        put("count", "shared", std::to_string(count + 1)),
                        put("count", "of-" + std::to_string(writer), std::to_string(done + 1))};
                    const auto outcome = own->commit(all->version, changes);
                    if (outcome.has_error()) {
                        ++failures;
                        return;
                    }
                    if (outcome->state == commit_state::committed) ++done;
                }
            });
        }
        for (auto& thread : threads)
            thread.join();
        CHECK(failures == 0);
        CHECK(one->load().value().version == writers * rounds);
        CHECK(rows_of(*one).at({"count", "shared"}) == std::to_string(writers * rounds));
    }
    SECTION("what breaks a limit is refused whole") {
        const auto refusal = [&](const std::vector<row_change>& changes) {
            const auto refused = one->commit(0, changes);
            REQUIRE(refused.has_error());
            CHECK(refused.error().kind == base::error_kind::invalid);
            return refused.error().message;
        };
        CHECK(refusal({}) == "a commit needs at least one change");
        CHECK(refusal({put("user", "a", "1"), put("User", "b", "1")}) ==
              "row User 'b': a kind is 1 to 64 of a-z 0-9 - _");
        CHECK(refusal({put("user", "", "1")}) == "row user '': an id has 1 to 2048 bytes");
        CHECK(refusal({put("user", "a", std::string("secret\0", 7))}) ==
              "row user 'a': a body is UTF-8 without NUL");
        CHECK(refusal({put("user", "a", "\xff")}) == "row user 'a': a body is UTF-8 without NUL");
        CHECK(refusal({put("user", "a", "1"), gone("user", "a")}) ==
              "row user 'a': changed twice in one commit");
        CHECK(refusal({put("user", "a", std::string(store::largest_body + 1, 'x'))}) ==
              "row user 'a': a body has at most 4 MiB");
        CHECK(rows_of(*two).empty());
    }
}

void check_deltas(const opener& open, support::manual_clock& clock) {
    SECTION("a delta tells each row once, as it is now") {
        const auto one = open({});
        const auto two = open({});
        commit_now(*one, 0, {put("user", "a", "1"), put("user", "b", "1")});
        commit_now(*one, 1, {put("user", "a", "2")});
        commit_now(*one, 2, {put("user", "a", "3"), gone("user", "b"), put("user", "c", "1")});
        const auto changed = two->changes_after(1).value();
        CHECK(changed.version == 3);
        CHECK_FALSE(changed.reload);
        std::map<std::string, std::optional<std::string>> told;
        for (const auto& change : changed.changes) {
            CHECK(change.kind == "user");
            CHECK(told.emplace(change.id, change.body).second);
        }
        CHECK(told == std::map<std::string, std::optional<std::string>>{
                          {"a", "3"}, {"b", std::nullopt}, {"c", "1"}});
        CHECK(two->changes_after(3).value().changes.empty());
        CHECK(two->changes_after(0).value().changes.size() == 3);
    }
    SECTION("a version from another past asks for a reload") {
        const auto one = open({});
        commit_now(*one, 0, {put("user", "a", "1")});
        CHECK(one->changes_after(9).value().reload);
    }
    SECTION("the log is trimmed by the number of changes, but for the newest commits") {
        store::log_limits limits;
        limits.most_changes = 10;
        limits.least_commits = 4;
        limits.trim_every = 4;
        const auto one = open(limits);
        const auto two = open(limits);
        std::uint64_t version = 0;
        while (version < 40)
            version = commit_now(*one, version, {put("user", std::to_string(version), "1")});
        CHECK(two->changes_after(0).value().reload);
        CHECK(two->changes_after(20).value().reload);
        const auto changed = two->changes_after(35).value();
        CHECK_FALSE(changed.reload);
        CHECK(changed.changes.size() == 5);
        std::vector<row_change> many;
        for (int i = 0; i < 30; ++i)
            many.push_back(put("role", std::to_string(i), "1"));
        while (version < 44)
            version = commit_now(*one, version,
                                 version == 41 ? many : std::vector{put("user", "x", "1")});
        CHECK_FALSE(two->changes_after(41).value().reload);
        CHECK(rows_of(*two).size() == 71);
    }
    SECTION("the log is trimmed by age, but for the newest commits") {
        store::log_limits limits;
        limits.most_age = 10min;
        limits.least_commits = 2;
        limits.trim_every = 2;
        const auto one = open(limits);
        std::uint64_t version = 0;
        while (version < 6)
            version = commit_now(*one, version, {put("user", std::to_string(version), "1")});
        CHECK_FALSE(one->changes_after(0).value().reload);
        clock.advance(11min);
        while (version < 8)
            version = commit_now(*one, version, {put("user", std::to_string(version), "1")});
        CHECK(one->changes_after(0).value().reload);
        CHECK(one->changes_after(5).value().reload);
        CHECK(one->changes_after(7).value().changes.size() == 1);
        CHECK(one->load().value().rows.size() == 8);
    }
}

void check_waits(const opener& open) {
    const auto one = open({});
    const auto two = open({});
    // Until what comes of opening and connecting is over.
    const auto settle = [](store::database& database) {
        const auto is_polled = [&] {
            return database.describe().find("polled") != std::string::npos;
        };
        for (int quiet = 0, rounds = 0; (quiet < 2 || is_polled()) && rounds < 1000; ++rounds) {
            database.load().value();
            quiet = database.wait_for_change(20ms).value() == wait_end::time ? quiet + 1 : 0;
        }
    };
    SECTION("a wait ends by itself") {
        settle(*one);
        CHECK(one->wait_for_change(0ms).value() == wait_end::time);
    }
    SECTION("a wait ends when another handle commits, before or during it") {
        settle(*two);
        std::thread committer([&] { commit_now(*one, 0, {put("user", "a", "1")}); });
        CHECK(two->wait_for_change(long_time).value() == wait_end::change);
        committer.join();
        CHECK(two->changes_after(0).value().version == 1);
        commit_now(*one, 1, {put("user", "a", "2")});
        CHECK(two->wait_for_change(long_time).value() == wait_end::change);
        CHECK(two->changes_after(1).value().version == 2);
    }
    SECTION("a handle's own commit ends no wait") {
        settle(*one);
        commit_now(*one, 0, {put("user", "a", "1")});
        CHECK(one->wait_for_change(50ms).value() == wait_end::time);
    }
    SECTION("wake() ends the wait, once, also when it came before") {
        settle(*one);
        std::thread waker([&] { one->wake(); });
        CHECK(one->wait_for_change(long_time).value() == wait_end::woken);
        waker.join();
        one->wake();
        one->wake();
        CHECK(one->wait_for_change(long_time).value() == wait_end::woken);
        CHECK(one->wait_for_change(0ms).value() == wait_end::time);
    }
}

void check_size(const opener& open) {
    SECTION("100,000 rows go in at once and come out") {
        const auto one = open({});
        std::vector<row_change> changes;
        for (int i = 0; i < 100'000; ++i)
            changes.push_back(put("user", "user-" + std::to_string(i), std::string(200, 'x')));
        commit_now(*one, 0, changes);
        CHECK(open({})->load().value().rows.size() == 100'000);
        CHECK(open({})->changes_after(0).value().changes.size() == 100'000);
        changes.push_back(put("user", "more", "x"));
        CHECK(one->commit(1, changes).error().kind == base::error_kind::invalid);
    }
}

}  // namespace

row_map rows_of(store::database& database) {
    row_map rows;
    for (auto& row : database.load().value().rows)
        rows[{row.kind, row.id}] = row.body;
    return rows;
}

row_change put(std::string kind, std::string id, std::string body) {
    return {std::move(kind), std::move(id), std::move(body)};
}

row_change gone(std::string kind, std::string id) {
    return {std::move(kind), std::move(id), std::nullopt};
}

std::uint64_t commit_now(store::database& database, std::uint64_t expected,
                         const std::vector<row_change>& changes) {
    const auto outcome = database.commit(expected, changes);
    if (outcome.has_error()) throw std::runtime_error(outcome.error().message);
    if (outcome->state != commit_state::committed) throw std::runtime_error("conflict");
    return outcome->version;
}

void check_contract(const std::function<opener()>& open_empty, support::manual_clock& clock) {
    const opener open = open_empty();
    SECTION("commits") {
        check_commits(open);
    }
    SECTION("deltas") {
        check_deltas(open, clock);
    }
    SECTION("waits") {
        check_waits(open);
    }
    SECTION("size") {
        check_size(open);
    }
}

}  // namespace store_test
