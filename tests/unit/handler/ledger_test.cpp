#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>

#include "handler/hand_out_ledger.hpp"
#include "support/catch.hpp"
#include "support/counting_random.hpp"
#include "support/manual_clock.hpp"

using namespace std::chrono_literals;

namespace {

/// A ledger that writes to a file of its own.
class fixture {
public:
    explicit fixture(std::string output = "") {
        if (::mkdtemp(directory_) == nullptr) throw std::runtime_error("no temporary directory");
        audit::options options;
        options.output = output.empty() ? path() : output;
        journal_ = std::move(*audit::journal::open(std::move(options), "host"));
        ledger = std::make_unique<handler::hand_out_ledger>(*journal_, clock, random_);
    }
    ~fixture() {
        close();
        std::filesystem::remove_all(directory_);
    }

    handler::hand_out_ledger::event event(std::string_view subject) {
        return {caller,
                subject,
                "app",
                "arn:aws:iam::123456789012:role/app",
                "us-east-1",
                "123456789012",
                "/latest/meta-data/",
                "curl"};
    }

    void flush() { static_cast<void>(journal_->flush(std::chrono::seconds(5))); }

    /// Closes the journal and returns its lines.
    std::vector<std::string> lines() {
        close();
        std::vector<std::string> all;
        std::ifstream file(path());
        for (std::string line; std::getline(file, line);)
            all.push_back(line);
        return all;
    }

    support::manual_clock clock;
    binding::caller caller;
    std::unique_ptr<handler::hand_out_ledger> ledger;

private:
    std::string path() const { return std::string(directory_) + "/audit.jsonl"; }
    void close() {
        ledger.reset();
        journal_.reset();
    }

    char directory_[32] = "/tmp/imdsd-ledger-XXXXXX";
    support::counting_random random_;
    std::unique_ptr<audit::journal> journal_;
};

}  // namespace

TEST_CASE("Each workload's first hand-out of a key is one record") {
    fixture f;
    const auto expires = f.clock.now() + 1h;
    CHECK(f.ledger->allow(f.event("u1"), "ASIAONE", expires, "2"));
    CHECK(f.ledger->allow(f.event("u1"), "ASIAONE", expires, "2"));
    CHECK(f.ledger->allow(f.event("u2"), "ASIAONE", expires, "2"));
    CHECK(f.ledger->allow(f.event("u1"), "ASIATWO", expires, "1"));
    CHECK(f.ledger->allow(f.event("u3"), "ASIAONE", expires, {}));
    const auto lines = f.lines();
    REQUIRE(lines.size() == 4);
    CHECK(lines[3].find("imdsVersion") == std::string::npos);
    CHECK(lines[0].find("\"accessKeyId\":\"ASIAONE\"") != std::string::npos);
    CHECK(lines[0].find("\"imdsVersion\":\"2\"") != std::string::npos);
    CHECK(lines[2].find("\"imdsVersion\":\"1\"") != std::string::npos);
}

TEST_CASE("A flood of refusals is one record a minute that tells how many there were") {
    fixture f;
    const auto refuse = [&f] {
        f.ledger->refused(f.event("u1"), handler::refusal_reason::no_binding, "no binding");
    };
    for (int i = 0; i < 100; ++i)
        refuse();
    f.clock.advance(61s);
    refuse();
    for (int i = 0; i < 5; ++i)
        refuse();
    f.clock.advance(61s);
    f.ledger->settle_refusals();
    const auto lines = f.lines();
    REQUIRE(lines.size() == 3);
    CHECK(lines[1].find("99") != std::string::npos);
    CHECK(lines[2].find("5") != std::string::npos);
}

TEST_CASE("Nothing is handed out once the audit log cannot be written") {
    fixture f("/dev/full");
    // The first record is promised before the disk is known to be full.
    static_cast<void>(f.ledger->allow(f.event("u1"), "ASIA", f.clock.now() + 1h, "2"));
    f.flush();
    const bool refused = !f.ledger->allow(f.event("u2"), "ASIA", f.clock.now() + 1h, "2");
    CHECK(refused);
    CHECK_FALSE(f.ledger->open());
}
