// What was acknowledged is there after a crash, and of what was not at most one commit is.
#include <csignal>
#include <cstdint>
#include <functional>
#include <poll.h>
#include <random>
#include <set>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "store/sqlite_database.hpp"
#include "support/catch.hpp"
#include "unit/store/contract.hpp"
#include "unit/store/postgresql_server.hpp"
#include "unit/store/temporary_directory.hpp"

using namespace store_test;
using store::commit_state;

namespace {

// A sanitizer makes fork() slow and finds at the fiftieth what there is to find.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr int kills = 50;
#else
constexpr int kills = 200;
#endif

/// Not a counter: children of fork() would repeat each other's commit ids.
class device_random final : public base::random {
public:
    void fill(std::span<std::byte> out) override {
        for (std::byte& b : out)
            b = std::byte(device_() & 0xff);
    }

private:
    std::random_device device_;
};

using open_function = std::function<std::unique_ptr<store::database>()>;

std::string entry(std::uint64_t number) {
    return std::to_string(number);
}

/// Commits entry after entry and tells the pipe each that was acknowledged. Ends when killed.
[[noreturn]] void commit_for_ever(const open_function& open, int acknowledgements,
                                  std::uint64_t next) {
    try {
        const auto database = open();
        std::uint64_t version = database->load().value().version;
        for (;;) {
            const std::vector<store::row_change> changes{put("entry", entry(next), "{}"),
                                                         put("counter", "last", entry(next))};
            const auto outcome = database->commit(version, changes);
            if (outcome.has_error() || outcome->state != commit_state::committed) break;
            version = outcome->version;
            if (::write(acknowledgements, &next, sizeof next) != sizeof next) break;
            ++next;
        }
    } catch (...) {
    }
    ::_exit(1);
}

class committing_child {
public:
    committing_child(const open_function& open, std::uint64_t next) {
        int ends[2];
        if (::pipe(ends) != 0) throw std::runtime_error("pipe");
        process_ = ::fork();
        if (process_ == 0) {
            ::prctl(PR_SET_PDEATHSIG, SIGKILL);
            ::close(ends[0]);
            commit_for_ever(open, ends[1], next);
        }
        ::close(ends[1]);
        acknowledgements_ = ends[0];
    }
    ~committing_child() { kill(); }
    committing_child(const committing_child&) = delete;
    committing_child& operator=(const committing_child&) = delete;

    /// The next acknowledged number, or 0: it has ended, or was silent for `most`.
    std::uint64_t next_acknowledged(int most) {
        pollfd waited{acknowledgements_, POLLIN, 0};
        if (::poll(&waited, 1, most) <= 0) return 0;
        std::uint64_t number = 0;
        return ::read(acknowledgements_, &number, sizeof number) == sizeof number ? number : 0;
    }

    void kill() {
        if (process_ <= 0) return;
        ::kill(process_, SIGKILL);
        ::waitpid(process_, nullptr, 0);
        process_ = -1;
    }

private:
    pid_t process_ = -1;
    int acknowledgements_ = -1;
};

void check_kills(const open_function& open, const std::function<void()>& crash_server) {
    std::mt19937 chance(20'260'101);
    std::uint64_t version = 0, total_acknowledged = 0, unacknowledged = 0;
    std::set<std::string> entries;
    for (int round = 0; round < kills; ++round) {
        const std::uint64_t before = entries.size();
        std::uint64_t acknowledged = before;
        committing_child child(open, before + 1);
        const bool server_crashes = crash_server && round % 40 == 20;
        const auto wanted = server_crashes ? 6 : chance() % 6;
        for (std::uint64_t i = 0; i < wanted; ++i) {
            const auto number = child.next_acknowledged(30'000);
            REQUIRE(number == acknowledged + 1);
            acknowledged = number;
            if (server_crashes && i == 2) crash_server();
        }
        // Anywhere in what comes next: opening, a transaction, between two.
        ::usleep(useconds_t(chance() % 6'000));
        child.kill();
        while (const auto number = child.next_acknowledged(0))
            acknowledged = number;

        // A server may still be at work on the last commit: it is over once another one succeeded.
        // Opened only now: the first one after a crash is the one that recovers.
        const auto watcher = open();
        version = watcher->load().value().version;
        const auto fence = put("fence", "f", std::to_string(round));
        for (;;) {
            const auto outcome = watcher->commit(version, {&fence, 1});
            REQUIRE(outcome.has_value());
            if (outcome->state == commit_state::committed) break;
            version = outcome->version;
        }
        ++version;
        const auto all = rows_of(*watcher);
        entries.clear();
        for (const auto& [key, body] : all) {
            if (key.first == "entry") entries.insert(key.second);
        }
        REQUIRE(entries.size() >= acknowledged);
        REQUIRE(entries.size() <= acknowledged + 1);
        for (std::uint64_t number = 1; number <= entries.size(); ++number)
            REQUIRE(entries.count(entry(number)) == 1);
        if (!entries.empty()) {
            REQUIRE(all.at({"counter", "last"}) == entry(entries.size()));
        }
        total_acknowledged += acknowledged - before;
        unacknowledged += entries.size() - acknowledged;
    }
    CHECK(total_acknowledged > kills);
    INFO(total_acknowledged << " acknowledged, " << unacknowledged << " present without");
    CHECK(open()->changes_after(version).value().version == version);
}

}  // namespace

TEST_CASE("SQLite: killed again and again during commits, nothing acknowledged is lost") {
    const temporary_directory directory;
    support::manual_clock clock;
    device_random random;
    check_kills(
        [&] {
            store::sqlite_options options;
            options.path = directory / "store.db";
            return store::open_sqlite(options, clock, random).value();
        },
        {});
}

TEST_CASE("PostgreSQL: client and server killed again and again, nothing acknowledged is lost") {
    postgresql_server* server = postgresql_server::shared();
    if (!server) {
        WARN("SKIPPED: PostgreSQL is not installed");
        return;
    }
    support::manual_clock clock;
    device_random random;
    const std::string space = server->new_space();
    check_kills(
        [&] {
            auto options = server->options(space);
            options.limits.commit_attempts = 1'000;  // a slow machine's server is away for longer
            options.limits.commit_patience = base::milliseconds(40'000);
            return open_now(std::move(options), clock, random);
        },
        [&] { server->kill_and_start(); });
}
