#include "host/secret_file.hpp"

#include <atomic>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>
#include <vector>

#include "host/system_random.hpp"
#include "support/catch.hpp"
#include "support/counting_random.hpp"
#include "temporary_directory.hpp"

using base::error_kind;

namespace {

std::string revealed(const base::result<base::secret>& r) {
    return r ? std::string(r->reveal()) : "error: " + r.error().message;
}

}  // namespace

TEST_CASE("A secret file is read byte for byte") {
    const temporary_directory directory;
    const std::string text("a\0b\n", 4);
    put_file(directory / "s", text);
    CHECK(revealed(host::read_secret_file(directory / "s")) == text);
    put_file(directory / "s", "", 0400);
    CHECK(revealed(host::read_secret_file(directory / "s")).empty());
}

TEST_CASE("A secret file that others can read or write is refused by name") {
    const temporary_directory directory;
    for (const mode_t mode : {0640u, 0604u, 0620u, 0610u}) {
        put_file(directory / "s", "hidden-text", mode);
        const auto read = host::read_secret_file(directory / "s");
        REQUIRE_FALSE(read.has_value());
        CHECK(read.error().kind == error_kind::denied);
        CHECK(read.error().message.find(directory / "s") != std::string::npos);
        CHECK(read.error().message.find("hidden-text") == std::string::npos);
    }
}

TEST_CASE("A secret file of another user is refused") {
    const temporary_directory directory;
    put_file(directory / "s", "x");
    if (::geteuid() != 0) {
        WARN("SKIPPED: changing owners needs root");
        return;
    }
    REQUIRE(::chown((directory / "s").c_str(), 12345, 12345) == 0);
    const auto read = host::read_secret_file(directory / "s");
    REQUIRE_FALSE(read.has_value());
    CHECK(read.error().kind == error_kind::denied);
}

TEST_CASE("What is not a regular file of sensible size is no secret file") {
    const temporary_directory directory;
    REQUIRE(::mkfifo((directory / "pipe").c_str(), 0600) == 0);
    CHECK(host::read_secret_file(directory / "pipe").error().kind == error_kind::invalid);
    CHECK_FALSE(host::read_secret_file(directory.path()).has_value());
    CHECK(host::read_secret_file(directory / "none").error().kind == error_kind::not_found);
    put_file(directory / "limit", std::string(host::largest_secret_file, 'x'));
    CHECK(host::read_secret_file(directory / "limit").has_value());
    put_file(directory / "big", std::string(host::largest_secret_file + 1, 'x'));
    CHECK(host::read_secret_file(directory / "big").error().kind == error_kind::exhausted);
}

TEST_CASE("Writing replaces the file in one step with mode 0600 and leaves nothing beside it") {
    const temporary_directory directory;
    put_file(directory / "s", "old", 0644);
    REQUIRE(host::write_secret_file(directory / "s", base::secret("new")).has_value());
    CHECK(get_file(directory / "s") == "new");
    CHECK(mode_of(directory / "s") == 0600);
    CHECK(directory.entries() == 1);

    std::filesystem::create_directories(directory / "d/inside");
    CHECK_FALSE(host::write_secret_file(directory / "d", base::secret("new")).has_value());
    CHECK_FALSE(host::write_secret_file(directory / "none/s", base::secret("new")).has_value());
    CHECK(directory.entries() == 2);
}

TEST_CASE("A key is made once and found again") {
    const temporary_directory directory;
    support::counting_random random;
    const auto first = host::create_secret_once(directory / "key", 32, random);
    REQUIRE(first.has_value());
    CHECK(first->size() == 32);
    CHECK(mode_of(directory / "key") == 0600);
    CHECK(directory.entries() == 1);
    CHECK(revealed(host::create_secret_once(directory / "key", 32, random)) == first->reveal());
    CHECK(revealed(host::create_secret_once(directory / "other", 32, random)) != first->reveal());
}

TEST_CASE("Starters that race end with one key") {
    const temporary_directory directory;
    host::system_random random;
    for (int round = 0; round < 20; ++round) {
        const std::string path = directory / ("key" + std::to_string(round));
        std::vector<std::string> keys(4);
        std::atomic<int> waiting{4};
        std::vector<std::thread> starters;
        for (auto& key : keys)
            starters.emplace_back([&] {
                --waiting;
                while (waiting > 0)
                    std::this_thread::yield();
                key = revealed(host::create_secret_once(path, 16, random));
            });
        for (auto& starter : starters)
            starter.join();
        CHECK(keys[0].size() == 16);
        for (const auto& key : keys)
            CHECK(key == keys[0]);
    }
    CHECK(directory.entries() == 20);
}

TEST_CASE("A damaged key file is an error that names it and is left as it is") {
    const temporary_directory directory;
    support::counting_random random;
    const std::string path = directory / "key";
    REQUIRE(host::create_secret_once(path, 32, random).has_value());
    const std::string good = get_file(path);
    std::vector<std::string> damaged{"",
                                     "x",
                                     good.substr(0, good.size() - 1),
                                     good + "\n",
                                     good.substr(0, 40),
                                     std::string(good.size(), '\0')};
    for (const std::size_t place : {std::size_t(0), std::size_t(20), good.size() - 3}) {
        damaged.push_back(good);
        damaged.back()[place] = good[place] == '0' ? '1' : '0';
    }
    for (const auto& text : damaged) {
        put_file(path, text);
        const auto read = host::create_secret_once(path, 32, random);
        REQUIRE_FALSE(read.has_value());
        CHECK(read.error().kind == error_kind::invalid);
        CHECK(read.error().message.find(path) == 0);
        CHECK(read.error().message.find(good.substr(15, 8)) == std::string::npos);
        CHECK(get_file(path) == text);
    }
    put_file(path, good);
    CHECK(host::create_secret_once(path, 32, random).has_value());
    CHECK_FALSE(host::create_secret_once(path, 16, random).has_value());
    put_file(path, good, 0644);
    CHECK(host::create_secret_once(path, 32, random).error().kind == error_kind::denied);
}
