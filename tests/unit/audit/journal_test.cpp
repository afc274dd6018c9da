#include "audit/journal.hpp"

#include <atomic>
#include <fcntl.h>
#include <filesystem>
#include <functional>
#include <mutex>
#include <set>
#include <thread>
#include <unistd.h>

#include <boost/json/parse.hpp>

#include "support/catch.hpp"
#include "unit/audit/file_size_limit.hpp"
#include "unit/audit/temporary_directory.hpp"

using audit_test::file_size_limit;
using audit_test::lines_of;
using audit_test::temporary_directory;

namespace {

using namespace std::chrono_literals;

audit_record::record event(const std::string& id) {
    audit_record::record r;
    r.event_source = "imds.imdsd";
    r.event_name = "Test";
    r.event_id = id;
    return r;
}

std::unique_ptr<audit::journal> open(audit::options o) {
    auto opened = audit::journal::open(std::move(o), "host-1");
    if (opened.has_error()) throw std::runtime_error(opened.error().message);
    return std::move(*opened);
}

audit::options to(const std::string& path) {
    audit::options o;
    o.output = path;
    return o;
}

/// Waits for the writer thread.
void until(const std::function<bool()>& is_so) {
    const auto give_up = std::chrono::steady_clock::now() + 20s;
    while (!is_so()) {
        if (std::chrono::steady_clock::now() > give_up) FAIL("it did not come about");
        std::this_thread::yield();
    }
}

std::vector<std::string> ids_in(const std::string& path) {
    std::vector<std::string> ids;
    for (const std::string& line : lines_of(path)) {
        ids.emplace_back(boost::json::parse(line).at("eventID").as_string());
    }
    return ids;
}

/// Points fd 1 at a file for a while.
class stdout_as {
public:
    explicit stdout_as(int fd) : before_(::dup(STDOUT_FILENO)) { ::dup2(fd, STDOUT_FILENO); }
    ~stdout_as() {
        ::dup2(before_, STDOUT_FILENO);
        ::close(before_);
    }
    stdout_as(const stdout_as&) = delete;
    stdout_as& operator=(const stdout_as&) = delete;

private:
    int before_;
};

}  // namespace

TEST_CASE("Records are lines in the order in which they came") {
    const temporary_directory dir;
    {
        const auto journal = open(to(dir.file("audit")));
        CHECK(journal->record(event("a")));
        CHECK(journal->record(event("b")));
        REQUIRE(journal->flush(10s));
        CHECK(ids_in(dir.file("audit")) == std::vector<std::string>{"a", "b"});
        CHECK(journal->status().written == 2);
        CHECK(journal->status().healthy);
        CHECK(journal->record(event("c")));
    }
    CHECK(ids_in(dir.file("audit")) == std::vector<std::string>{"a", "b", "c"});
    CHECK(boost::json::parse(lines_of(dir.file("audit"))[0]).at("hostId").as_string() == "host-1");
}

TEST_CASE("A journal that cannot be opened is an error") {
    CHECK(audit::journal::open(to("/nonexistent/audit"), "h").has_error());
}

TEST_CASE("Output none accepts everything and writes nothing") {
    const auto journal = open(to("none"));
    CHECK(journal->record(event("a")));
    CHECK(journal->flush(0s));
    journal->reopen();
    CHECK(journal->status().written == 0);
    CHECK_FALSE(std::filesystem::exists("none"));
}

TEST_CASE("Output stdout writes lines to file descriptor 1") {
    const temporary_directory dir;
    const int fd = ::open(dir.file("out").c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    bool flushed = false;
    {
        const stdout_as redirected(fd);
        const auto journal = open(to("stdout"));
        journal->record(event("a"));
        flushed = journal->flush(10s);
    }
    ::close(fd);
    CHECK(flushed);
    CHECK(ids_in(dir.file("out")) == std::vector<std::string>{"a"});
}

TEST_CASE("A closed pipe is a write error and no signal") {
    int ends[2];
    REQUIRE(::pipe(ends) == 0);
    ::close(ends[0]);
    bool unhealthy = false;
    {
        const stdout_as redirected(ends[1]);
        audit::options o = to("stdout");
        o.closing_time = 10ms;
        const auto journal = open(o);
        journal->record(event("a"));
        until([&] { return !journal->status().healthy; });
        unhealthy = !journal->record(event("b"));
    }
    ::close(ends[1]);
    CHECK(unhealthy);
}

TEST_CASE("A full disk refuses further records") {
    audit::options o = to("/dev/full");
    o.closing_time = 20ms;
    const auto journal = open(o);
    CHECK(journal->record(event("a")));
    until([&] { return !journal->status().healthy; });
    CHECK_FALSE(journal->record(event("b")));
    CHECK(journal->status().write_errors >= 1);
    CHECK(journal->status().dropped == 1);
    CHECK_FALSE(journal->status().failure.empty());
    CHECK_FALSE(journal->flush(0s));
}

TEST_CASE("With allow a full disk loses records and says how many") {
    audit::options o = to("/dev/full");
    o.on_failure = audit::options::failure_mode::allow;
    o.queue_records = 3;
    o.closing_time = 20ms;
    const auto journal = open(o);
    for (int i = 0; i < 10; ++i)
        CHECK(journal->record(event("a")));
    CHECK(journal->status().dropped == 7);
    until([&] { return !journal->status().healthy; });
    CHECK(journal->record(event("b")));
    CHECK(journal->status().dropped == 8);
}

TEST_CASE("A full queue refuses by number and by size") {
    audit::options few = to("/dev/full");
    few.queue_records = 2;
    few.closing_time = 20ms;
    few.on_failure = audit::options::failure_mode::allow;
    const auto by_number = open(few);
    by_number->record(event("a"));
    by_number->record(event("b"));
    by_number->record(event("c"));
    CHECK(by_number->status().dropped == 1);

    audit::options small = few;
    small.queue_records = 1000;
    small.queue_bytes = 10'000;
    const auto by_size = open(small);
    for (int i = 0; i < 20; ++i) {
        audit_record::record big = event("a");
        big.user_agent = std::string(3000, 'x');
        by_size->record(std::move(big));
    }
    CHECK(by_size->status().dropped >= 10);
}

TEST_CASE("Writing recovers by itself when the disk has room again and loses nothing") {
    const temporary_directory dir;
    audit::options o = to(dir.file("audit"));
    o.first_retry = 1ms;
    o.longest_retry = 2ms;
    const auto journal = open(o);
    journal->record(event("a"));
    REQUIRE(journal->flush(10s));
    {
        const file_size_limit full(std::filesystem::file_size(dir.file("audit")) + 20);
        CHECK(journal->record(event("b")));
        until([&] { return !journal->status().healthy; });
        CHECK_FALSE(journal->record(event("refused")));
    }
    REQUIRE(journal->flush(10s));
    CHECK(journal->status().healthy);
    CHECK(journal->record(event("c")));
    REQUIRE(journal->flush(10s));
    CHECK(ids_in(dir.file("audit")) == std::vector<std::string>{"a", "b", "c"});
}

TEST_CASE("Who opened the journal is told once when writing fails and once when it works again") {
    const temporary_directory dir;
    audit::options o = to(dir.file("audit"));
    o.first_retry = 1ms;
    o.longest_retry = 1ms;
    std::mutex guard;
    std::vector<audit::journal::counters> told;
    auto opened = audit::journal::open(o, "host-1", [&](const audit::journal::counters& now) {
        const std::lock_guard lock(guard);
        told.push_back(now);
    });
    const auto journal = std::move(*opened);
    const auto times_told = [&] {
        const std::lock_guard lock(guard);
        return told.size();
    };
    journal->record(event("a"));
    REQUIRE(journal->flush(10s));
    CHECK(times_told() == 0);
    {
        const file_size_limit full(std::filesystem::file_size(dir.file("audit")) + 20);
        journal->record(event("b"));
        until([&] { return journal->status().write_errors >= 3; });
        CHECK(times_told() == 1);
        journal->record(event("refused"));
    }
    until([&] { return times_told() == 2; });
    REQUIRE(journal->flush(10s));
    const std::lock_guard lock(guard);
    CHECK_FALSE(told[0].healthy);
    CHECK_FALSE(told[0].failure.empty());
    CHECK(told[1].healthy);
    CHECK(told[1].dropped == 1);
}

TEST_CASE("A reopen ends the wait for the next try") {
    const temporary_directory dir;
    audit::options o = to(dir.file("audit"));
    o.first_retry = 1h;
    o.longest_retry = 1h;
    const auto journal = open(o);
    {
        const file_size_limit full(10);
        journal->record(event("a"));
        until([&] { return !journal->status().healthy; });
    }
    journal->reopen();
    REQUIRE(journal->flush(10s));
    CHECK(ids_in(dir.file("audit")) == std::vector<std::string>{"a"});
}

TEST_CASE("After a rotation records go to the new file") {
    const temporary_directory dir;
    const auto journal = open(to(dir.file("audit")));
    journal->record(event("a"));
    REQUIRE(journal->flush(10s));
    std::filesystem::rename(dir.file("audit"), dir.file("audit.1"));
    journal->reopen();
    until([&] { return std::filesystem::exists(dir.file("audit")); });
    journal->record(event("b"));
    REQUIRE(journal->flush(10s));
    CHECK(ids_in(dir.file("audit.1")) == std::vector<std::string>{"a"});
    CHECK(ids_in(dir.file("audit")) == std::vector<std::string>{"b"});
}

TEST_CASE("Records of many threads are all there and each line is whole") {
    const temporary_directory dir;
    constexpr int threads = 8, each = 500;
    std::atomic<int> refused = 0;
    {
        audit::options o = to(dir.file("audit"));
        o.queue_records = threads * each;
        const auto journal = open(o);
        std::vector<std::thread> writers;
        for (int t = 0; t < threads; ++t) {
            writers.emplace_back([&, t] {
                for (int i = 0; i < each; ++i) {
                    if (!journal->record(event(std::to_string(t) + "-" + std::to_string(i))))
                        ++refused;
                    if (i % 100 == 0) journal->reopen();
                }
            });
        }
        for (std::thread& t : writers) {
            t.join();
        }
    }
    CHECK(refused == 0);
    const auto ids = ids_in(dir.file("audit"));
    CHECK(ids.size() == threads * each);
    CHECK(std::set<std::string>(ids.begin(), ids.end()).size() == threads * each);
}

TEST_CASE("The destructor gives up on a sink that takes nothing") {
    audit::options o = to("/dev/full");
    o.first_retry = 1h;
    o.longest_retry = 1h;
    o.closing_time = 50ms;
    auto journal = open(o);
    journal->record(event("a"));
    until([&] { return !journal->status().healthy; });
    const auto began = std::chrono::steady_clock::now();
    journal.reset();
    CHECK(std::chrono::steady_clock::now() - began < 10s);
}
