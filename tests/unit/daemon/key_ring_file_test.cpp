#include "daemon/key_ring_file.hpp"

#include <unistd.h>

#include "../host/temporary_directory.hpp"
#include "encoding/base64.hpp"
#include "support/catch.hpp"
#include "support/counting_random.hpp"
#include "support/manual_clock.hpp"

namespace {

using source = sts::wrapping_key_source;
using kind = sts::wrapping_key_source::kind;
constexpr auto token = sts::key_ring::purpose::session_token;

struct file_bench {
    temporary_directory directory;
    support::counting_random random;
    support::manual_clock clock;
    const std::string path = directory / "issuer-keys.json";

    auto open(const std::vector<source>& sources = {source{}}) {
        return daemon_::key_ring_file::open(directory.path(), sources, clock, random);
    }
    std::string refusal(const std::vector<source>& sources = {source{}}) {
        const auto opened = open(sources);
        return opened ? std::string() : opened.error().message;
    }
    source key_file(const std::string& name, char digit) {
        put_file(directory / name, std::string(64, digit));
        return {kind::file, directory / name};
    }
};

/// As the first version kept it.
std::string plain_ring() {
    return R"({"version":1,"issuer":"0011223344556677","identity":")" +
           encoding::base64(std::string(32, 'i')) +
           R"(","keys":[{"id":7,"phase":"active","secret":")" +
           encoding::base64(std::string(32, 'k')) + "\"}]}\n";
}

base::result<void> rotate(sts::key_ring& ring) {
    support::counting_random random;
    const auto done = ring.rotate(token, random, {});
    if (!done) return done.error();
    return {};
}

}  // namespace

TEST_CASE("The ring is made once, wrapped, and found again") {
    file_bench b;
    const auto first = b.open();
    REQUIRE(first.has_value());
    CHECK(mode_of(b.path) == 0600);
    const std::string kept = get_file(b.path);
    CHECK(kept.find("\"sealed\"") != std::string::npos);
    CHECK(kept.find("secret") == std::string::npos);
    const auto second = b.open();
    REQUIRE(second.has_value());
    CHECK((*second)->ring()->serialise().reveal() == (*first)->ring()->serialise().reveal());
    CHECK(get_file(b.path) == kept);
}

TEST_CASE("A change is kept before it is told, one that fails changes nothing") {
    file_bench b;
    const auto place = b.open().value()->change(rotate);
    REQUIRE(place.has_value());
    CHECK((*place)->sealing_key(token).id == 4);
    const auto again = b.open();
    REQUIRE(again.has_value());
    CHECK((*again)->ring()->sealing_key(token).id == 4);
    const std::string kept = get_file(b.path);
    const auto refused = (*again)->change([](sts::key_ring& ring) -> base::result<void> {
        REQUIRE(rotate(ring));
        return base::denied("no");
    });
    CHECK(refused.has_error());
    CHECK((*again)->ring()->sealing_key(token).id == 4);
    CHECK(get_file(b.path) == kept);
}

TEST_CASE("The wrapping key is changed by naming the new one before the old one") {
    file_bench b;
    const auto old_key = b.key_file("old", '1');
    const auto new_key = b.key_file("new", '2');
    const auto made = b.open({old_key});
    REQUIRE(made.has_value());
    CHECK(b.refusal({new_key}).find("wrapped by another key") != std::string::npos);
    const std::string kept = get_file(b.path);
    const auto both = b.open({new_key, old_key});
    REQUIRE(both.has_value());
    CHECK(get_file(b.path) != kept);
    CHECK(b.open({new_key}).has_value());
    CHECK(b.refusal({old_key}).find(b.path) == 0);
    CHECK((*both)->ring()->issuer_id() == (*made)->ring()->issuer_id());
    CHECK_FALSE(std::filesystem::exists(b.directory / "wrapping.key"));
}

TEST_CASE("A ring of the first version is taken over and wrapped") {
    file_bench b;
    put_file(b.path, plain_ring());
    const auto taken = b.open();
    REQUIRE(taken.has_value());
    CHECK((*taken)->ring()->issuer_id() == "0011223344556677");
    CHECK((*taken)->ring()->sealing_key(token).id == 7);
    CHECK(get_file(b.path).find("\"sealed\"") != std::string::npos);
    b.clock.advance(std::chrono::hours(1));
    const auto again = b.open();
    REQUIRE(again.has_value());
    CHECK((*again)->ring()->status() == (*taken)->ring()->status());
}

TEST_CASE("An unwrapped ring that somebody put there is refused") {
    file_bench b;
    REQUIRE(b.open().has_value());
    put_file(b.path, plain_ring());
    CHECK(b.refusal().find("not wrapped") != std::string::npos);
    REQUIRE(::unlink((b.directory / "wrapping.key").c_str()) == 0);
    CHECK(b.refusal({b.key_file("kek", '1')}).find("not wrapped") != std::string::npos);
}

TEST_CASE("A ring that does not open stays as it is") {
    file_bench b;
    REQUIRE(b.open().has_value());
    const std::string kept = get_file(b.path);
    for (const std::string& bad : {std::string(), std::string("{}"), kept.substr(0, 100)}) {
        put_file(b.path, bad);
        CHECK(b.refusal().find(b.path) == 0);
        CHECK(get_file(b.path) == bad);
    }
    put_file(b.path, kept, 0644);
    CHECK(b.refusal().find("make it mode 0600") != std::string::npos);
    put_file(b.path, kept);
    REQUIRE(::unlink((b.directory / "wrapping.key").c_str()) == 0);
    CHECK(b.refusal().find("wrapped by another key") != std::string::npos);
}
