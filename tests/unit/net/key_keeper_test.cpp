#include "net/key_keeper.hpp"

#include <condition_variable>
#include <deque>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <stdlib.h>

#include "support/catch.hpp"
#include "support/manual_clock.hpp"

using namespace std::chrono_literals;

namespace {

std::string set_of(const std::string& kid) {
    return R"({"keys":[{"kty":"OKP","crv":"Ed25519","kid":")" + kid +
           R"(","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]})";
}

/// A keeper whose source gives what the test has laid ready.
struct fixture {
    fixture() {
        keeper = std::make_unique<net::key_keeper>(
            [this](const std::function<bool()>& cancelled) { return fetch(cancelled); },
            jose::refresh_rules{600s, 5s, 300s, 10s, 3600s}, clock,
            [this] {
                const std::lock_guard lock(guard);
                ++changes;
                news.notify_all();
            });
    }

    base::result<std::string> fetch(const std::function<bool()>& cancelled) {
        std::unique_lock lock(guard);
        ++fetches;
        news.notify_all();
        while (answers.empty()) {
            if (cancelled()) return base::unavailable("given up");
            news.wait_for(lock, 1ms);
        }
        auto answer = answers.front();
        answers.pop_front();
        return answer;
    }
    void give(base::result<std::string> answer) {
        const std::lock_guard lock(guard);
        answers.push_back(std::move(answer));
        news.notify_all();
    }
    void wait_for_changes(int count) {
        std::unique_lock lock(guard);
        REQUIRE(news.wait_for(lock, 20s, [&] { return changes >= count; }));
    }
    void wait_for_fetches(int count) {
        std::unique_lock lock(guard);
        REQUIRE(news.wait_for(lock, 20s, [&] { return fetches >= count; }));
    }
    void step(base::seconds by) {
        clock.advance(by);
        keeper->wake();
    }
    std::string kid() const {
        const auto keys = keeper->current().keys;
        return keys ? keys->keys.at(0).kid.value() : "none";
    }

    support::manual_clock clock;
    std::mutex guard;
    std::condition_variable news;
    std::deque<base::result<std::string>> answers;
    int fetches = 0;
    int changes = 0;
    std::unique_ptr<net::key_keeper> keeper;
};

}  // namespace

TEST_CASE("Keys are read at the start and again in time") {
    fixture f;
    CHECK(f.kid() == "none");
    f.give(set_of("first"));
    f.wait_for_changes(1);
    CHECK(f.kid() == "first");
    CHECK(f.keeper->current().failure.empty());
    f.give(set_of("second"));
    f.step(600s);
    f.wait_for_changes(2);
    CHECK(f.kid() == "second");
    CHECK(f.keeper->current().reads == 2);
}

TEST_CASE("During an outage the last good keys stay, up to a bound") {
    fixture f;
    f.give(set_of("good"));
    f.wait_for_changes(1);
    f.give(base::unavailable("nobody there"));
    f.step(600s);
    f.wait_for_changes(2);
    CHECK(f.kid() == "good");
    CHECK(f.keeper->current().failure == "nobody there");
    f.give(std::string("{}"));
    f.step(5s);
    f.wait_for_changes(3);
    CHECK(f.kid() == "good");
    CHECK(f.keeper->current().failure.find("no list of 'keys'") != std::string::npos);
    f.give(base::unavailable("still nobody there"));
    f.step(2995s);  // 3600 s after the good read
    f.wait_for_changes(5);
    CHECK(f.kid() == "none");
    f.give(set_of("back"));
    f.step(300s);
    f.wait_for_changes(6);
    CHECK(f.kid() == "back");
}

TEST_CASE("An unknown key brings one read, and no second one before its time") {
    fixture f;
    f.give(set_of("first"));
    f.wait_for_changes(1);
    CHECK_FALSE(f.keeper->ask());
    f.clock.advance(10s);
    CHECK(f.keeper->ask());
    f.wait_for_fetches(2);
    CHECK(f.keeper->ask());  // under way
    f.give(set_of("second"));
    f.wait_for_changes(2);
    CHECK(f.kid() == "second");
    CHECK_FALSE(f.keeper->ask());
    f.keeper->reload();
    f.give(set_of("third"));
    f.wait_for_changes(3);
    CHECK(f.kid() == "third");
}

TEST_CASE("A keeper ends while its source keeps it waiting") {
    fixture f;
    f.wait_for_fetches(1);
    f.keeper.reset();
    CHECK(f.changes == 0);
}

TEST_CASE("Key files are read whole, and errors name them") {
    char folder[] = "/tmp/imdsd-keys-XXXXXX";
    REQUIRE(::mkdtemp(folder) != nullptr);
    const std::string path = std::string(folder) + "/jwks.json";
    const auto never = [] { return false; };
    CHECK(net::keys_from_file(path)(never).error().message.find(path) != std::string::npos);
    std::ofstream(path) << set_of("k");
    CHECK(net::keys_from_file(path)(never).value() == set_of("k"));
    std::ofstream(path) << std::string(jose::most_key_set_bytes + 1, ' ');
    CHECK(net::keys_from_file(path)(never).error().kind == base::error_kind::exhausted);
    const support::manual_clock clock;
    const auto url = http::parse_url("http://127.0.0.1:1/").value();
    const auto fetch = net::keys_from_url(url, "", path + ".token", clock);
    CHECK(fetch(never).error().message.find(path + ".token") != std::string::npos);
    std::filesystem::remove_all(folder);
}

TEST_CASE("What a source throws is a read that went wrong") {
    const support::manual_clock clock;
    std::mutex guard;
    std::condition_variable news;
    int changes = 0;
    net::key_keeper keeper(
        [](const std::function<bool()>&) -> base::result<std::string> {
            throw std::runtime_error("no thread to be had");
        },
        jose::refresh_rules{}, clock,
        [&] {
            const std::lock_guard lock(guard);
            ++changes;
            news.notify_all();
        });
    std::unique_lock lock(guard);
    REQUIRE(news.wait_for(lock, 20s, [&] { return changes == 1; }));
    CHECK(keeper.current().failure == "no thread to be had");
    lock.unlock();
    keeper.stop();
}
