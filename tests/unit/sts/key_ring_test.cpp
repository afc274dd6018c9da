#include "sts/session/key_ring.hpp"

#include <map>
#include <random>
#include <set>

#include "encoding/base64.hpp"
#include "support/catch.hpp"
#include "support/counting_random.hpp"

namespace {

using sts::key_change;
using sts::key_phase;
using sts::key_ring;
using purpose = key_ring::purpose;
using std::chrono::hours;

constexpr base::wall_time start{base::seconds(1'790'000'000)};
constexpr auto token = purpose::session_token;

key_change at(base::wall_time now) {
    key_change change;
    change.now = now;
    return change;
}

key_change forced(base::wall_time now) {
    key_change change = at(now);
    change.forced = true;
    return change;
}

struct ring_bench {
    support::counting_random random;
    key_ring ring = key_ring::generate(random, start);

    std::uint16_t active(purpose what = token) const { return ring.sealing_key(what).id; }
    key_phase phase(std::uint16_t id) const { return ring.status(id).value().phase; }
};

const std::string old_secret(32, 'k');

/// A ring as the first version wrote it.
std::string first_version(const std::string& keys) {
    return R"({"version":1,"issuer":"0011223344556677","identity":")" +
           encoding::base64(std::string(32, 'i')) + "\",\"keys\":[" + keys + "]}\n";
}

std::string old_key(int id, const std::string& phase, const std::string& secret = old_secret) {
    return "{\"id\":" + std::to_string(id) + ",\"phase\":\"" + phase + "\",\"secret\":\"" +
           encoding::base64(secret) + "\"}";
}

}  // namespace

TEST_CASE("A new ring has one active key for each purpose, all different") {
    const ring_bench b;
    std::set<std::string> keys;
    std::set<std::uint16_t> ids;
    for (const purpose what : key_ring::purposes) {
        const auto sealing = b.ring.sealing_key(what);
        keys.emplace(sealing.bytes);
        ids.insert(sealing.id);
        CHECK(b.ring.opening_key(what, sealing.id)->bytes == sealing.bytes);
        const key_ring::key_status status = b.ring.status(sealing.id).value();
        CHECK(status == key_ring::key_status{sealing.id, what, key_phase::active, start, start,
                                             std::nullopt, std::nullopt});
    }
    CHECK(keys.size() == key_ring::purposes.size());
    CHECK(ids.size() == key_ring::purposes.size());
}

TEST_CASE("A key opens for its own purpose alone") {
    const ring_bench b;
    for (const purpose what : key_ring::purposes) {
        for (const purpose other : key_ring::purposes)
            CHECK(b.ring.opening_key(other, b.active(what)).has_value() == (what == other));
        CHECK_FALSE(b.ring.opening_key(what, 77).has_value());
        CHECK_FALSE(b.ring.opening_key(what, 0).has_value());
    }
}

TEST_CASE("A key ring survives its text") {
    ring_bench b;
    const auto next = b.ring.rotate(token, b.random, at(start + hours(1))).value();
    const auto published = b.ring.add(token, b.random, start + hours(2)).value();
    const auto revoked = b.ring.add(purpose::stored_secret, b.random, start + hours(2)).value();
    REQUIRE(b.ring.set_phase(revoked, key_phase::revoked, at(start + hours(3))));
    const auto text = b.ring.serialise();
    const auto read = key_ring::parse(text.reveal(), {});
    REQUIRE(read.has_value());
    CHECK(read->serialise().reveal() == text.reveal());
    CHECK(read->status() == b.ring.status());
    CHECK(read->issuer_id() == b.ring.issuer_id());
    CHECK(read->principal_seed("1", "role", "/", "r") ==
          b.ring.principal_seed("1", "role", "/", "r"));
    CHECK(b.ring.principal_seed("1", "role", "/", "r") !=
          b.ring.principal_seed("1", "user", "/", "r"));
    CHECK(read->sealing_key(token).id == next);
    for (const auto& key : b.ring.status()) {
        const auto here = b.ring.opening_key(key.what, key.id);
        const auto there = read->opening_key(key.what, key.id);
        REQUIRE(here.has_value() == there.has_value());
        if (here) CHECK(here->bytes == there->bytes);
    }
    CHECK(read->opening_key(token, published)->bytes != read->opening_key(token, next)->bytes);
    const key_ring copy(b.ring);
    CHECK(copy.serialise().reveal() == text.reveal());
}

TEST_CASE("A rotation of one purpose leaves the others alone") {
    ring_bench b;
    const auto message = b.active(purpose::authorization_message);
    const auto old = b.active();
    const auto next = b.ring.rotate(token, b.random, at(start + hours(1))).value();
    CHECK(b.active() == next);
    CHECK(b.phase(old) == key_phase::verify_only);
    CHECK(b.ring.status(old)->left_active == start + hours(1));
    CHECK(b.ring.opening_key(token, old).has_value());
    CHECK(b.active(purpose::authorization_message) == message);
}

TEST_CASE("A key is active only after every replica can know it, unless forced") {
    ring_bench b;
    key_change change = at(start);
    change.publish_time = base::seconds(60);
    const auto next = b.ring.add(token, b.random, start).value();
    CHECK(b.ring.opening_key(token, next).has_value());
    change.now = start + base::milliseconds(59'999);
    const auto early = b.ring.activate(next, change);
    REQUIRE(early.has_error());
    CHECK(early.error().kind == base::error_kind::denied);
    CHECK(early.error().message ==
          "key 4 may not be known to every replica before 2026-09-21T14:14:20Z; activate it then, "
          "or force it");
    CHECK(b.active() != next);
    change.now = start + base::seconds(60);
    CHECK(b.ring.activate(next, change));
    CHECK(b.active() == next);

    const auto refused = b.ring.rotate(token, b.random, change);
    REQUIRE(refused.has_error());
    CHECK(refused.error().message.find("published for 1m before") != std::string::npos);
    CHECK(b.active() == next);
    change.forced = true;
    CHECK(b.ring.rotate(token, b.random, change).value() == next + 1);
    CHECK(b.active() == next + 1);

    // One that was active before is known.
    change.forced = false;
    CHECK(b.ring.activate(next, change));
    CHECK(b.ring.status(next)->left_active == std::nullopt);
}

TEST_CASE("A session key can be retired once no session of its time can live") {
    ring_bench b;
    const auto old = b.active();
    REQUIRE(b.ring.rotate(token, b.random, at(start)));
    const base::wall_time free = start + sts::session_key_verify_time;
    const auto early = b.ring.set_phase(old, key_phase::retired, at(free - base::milliseconds(1)));
    REQUIRE(early.has_error());
    CHECK(early.error().kind == base::error_kind::denied);
    CHECK(early.error().message ==
          "what key 1 sealed can be in use until 2026-09-23T02:13:20Z; retire it then, or force "
          "it");
    CHECK(b.ring.opening_key(token, old).has_value());
    CHECK(b.ring.set_phase(old, key_phase::retired, at(free)));
    CHECK_FALSE(b.ring.opening_key(token, old).has_value());
    CHECK(b.ring.status(old)->ended == free);

    // And at any time when forced; one that never sealed anything needs no force.
    const auto second = b.active();
    REQUIRE(b.ring.rotate(token, b.random, at(free)));
    CHECK(b.ring.set_phase(second, key_phase::retired, forced(free)));
    const auto unused = b.ring.add(token, b.random, free).value();
    CHECK(b.ring.set_phase(unused, key_phase::retired, at(free)));
}

TEST_CASE("A revocation is at once and final, and takes the secret with it") {
    ring_bench b;
    const auto old = b.active();
    const auto active = b.ring.set_phase(old, key_phase::revoked, forced(start));
    REQUIRE(active.has_error());
    CHECK(active.error().message ==
          "key 1 is the active key of session_token; another one must be activated first");
    REQUIRE(b.ring.rotate(token, b.random, at(start)));
    REQUIRE(b.ring.set_phase(old, key_phase::revoked, at(start)));
    CHECK_FALSE(b.ring.opening_key(token, old).has_value());
    const std::string text(b.ring.serialise().reveal());
    CHECK(text.find("\"phase\":\"revoked\",\"created\":1790000000000,\"activated\":1790000000000,"
                    "\"left_active\":1790000000000,\"ended\":1790000000000}") != std::string::npos);
    for (const key_phase phase :
         {key_phase::published, key_phase::active, key_phase::verify_only, key_phase::retired}) {
        const auto back = b.ring.set_phase(old, phase, forced(start + hours(1000)));
        REQUIRE(back.has_error());
        CHECK(back.error().kind == base::error_kind::invalid);
    }
    CHECK(b.ring.set_phase(old, key_phase::revoked, at(start)));
    CHECK(b.ring.status(old)->ended == start);
}

TEST_CASE("A key of stored secrets ends only when all are sealed anew, whatever is forced") {
    ring_bench b;
    const auto old = b.active(purpose::stored_secret);
    REQUIRE(b.ring.rotate(purpose::stored_secret, b.random, at(start)));
    for (const key_phase phase : {key_phase::retired, key_phase::revoked}) {
        const auto refused = b.ring.set_phase(old, phase, forced(start + hours(10'000)));
        REQUIRE(refused.has_error());
        CHECK(refused.error().kind == base::error_kind::denied);
        CHECK(refused.error().message.find("sealed again") != std::string::npos);
    }
    key_change change = at(start);
    change.resealed = true;
    CHECK(b.ring.set_phase(old, key_phase::retired, change));
}

TEST_CASE("What no key is or can become is said") {
    ring_bench b;
    CHECK(b.ring.activate(77, at(start)).error().message == "the key ring has no key 77");
    CHECK(b.ring.set_phase(77, key_phase::revoked, at(start)).error().kind ==
          base::error_kind::not_found);
    CHECK_FALSE(b.ring.status(77).has_value());
    const auto next = b.ring.add(token, b.random, start).value();
    CHECK(b.ring.set_phase(next, key_phase::verify_only, forced(start)).error().message ==
          "key 4 is published and cannot become verify_only");
    REQUIRE(b.ring.set_phase(next, key_phase::retired, at(start)));
    CHECK(b.ring.activate(next, forced(start)).error().message ==
          "key 4 is retired and cannot become active");
}

TEST_CASE("A full ring forgets the oldest that has ended, never an id") {
    ring_bench b;
    std::uint16_t last = 0;
    while (b.ring.status().size() < key_ring::max_keys)
        last = b.ring.add(token, b.random, start).value();
    CHECK(b.ring.add(token, b.random, start).error().kind == base::error_kind::exhausted);
    REQUIRE(b.ring.set_phase(9, key_phase::retired, at(start + hours(1))));
    REQUIRE(b.ring.set_phase(20, key_phase::revoked, at(start)));
    CHECK(b.ring.add(token, b.random, start).value() == last + 1);
    CHECK_FALSE(b.ring.status(20).has_value());
    CHECK(b.ring.status(9).has_value());
    // Also when the newest key is the one that is gone.
    REQUIRE(b.ring.set_phase(std::uint16_t(last + 1), key_phase::retired, at(start)));
    CHECK(b.ring.add(token, b.random, start).value() == last + 2);
    const auto read = key_ring::parse(b.ring.serialise().reveal(), {});
    REQUIRE(read.has_value());
    CHECK(read->status() == b.ring.status());
    CHECK(read->serialise().size() < std::size_t(48) * 1024);  // in base64 within a secret file
}

TEST_CASE("A ring of the first version opens what it opened") {
    const std::string text = first_version(
        old_key(1, "revoked") + "," + old_key(3, "verify_only", std::string(32, 'v')) + "," +
        old_key(7, "active") + "," + old_key(8, "published", std::string(32, 'p')));
    auto read = key_ring::parse(text, start);
    REQUIRE(read.has_value());
    CHECK(read->issuer_id() == "0011223344556677");
    CHECK(read->sealing_key(token).id == 7);
    for (const purpose what : {token, purpose::authorization_message}) {
        for (const std::uint16_t id : {std::uint16_t(3), std::uint16_t(7), std::uint16_t(8)})
            CHECK(read->opening_key(what, id).has_value());
        CHECK_FALSE(read->opening_key(what, 1).has_value());
    }
    const auto message = read->sealing_key(purpose::authorization_message);
    CHECK(message.id > 8);
    CHECK(read->opening_key(purpose::authorization_message, 7)->bytes == message.bytes);
    CHECK(read->sealing_key(purpose::stored_secret).id > 8);
    CHECK(read->status(3)->left_active == start);
    // What the first version derived for session tokens from this secret (RFC 5869).
    CHECK(encoding::hex(read->sealing_key(token).bytes) ==
          "2e295405bca2f208967d0db9d3b776efc2414f9301eb52ea309456e42b265ff8");

    const auto again = key_ring::parse(read->serialise().reveal(), start + hours(1));
    REQUIRE(again.has_value());
    CHECK(again->status() == read->status());
    CHECK(again->serialise().reveal() == read->serialise().reveal());
    CHECK(again->opening_key(purpose::authorization_message, 3).has_value());

    // Ids stay unique.
    std::set<std::uint16_t> ids;
    for (const auto& key : read->status())
        CHECK(ids.insert(key.id).second);
    support::counting_random random;
    CHECK(ids.count(read->add(token, random, start).value()) == 0);
}

TEST_CASE("A damaged ring of the first version is refused") {
    for (const std::string& keys :
         {std::string(), old_key(1, "verify_only"),
          old_key(1, "active") + "," + old_key(2, "active"), old_key(1, "other"),
          old_key(0, "active"), old_key(65536, "active"), old_key(65535, "active"),
          old_key(1, "active", "short"), old_key(1, "active") + "," + old_key(1, "retired"),
          std::string("7")}) {
        INFO(keys);
        CHECK_FALSE(key_ring::parse(first_version(keys), start).has_value());
    }
}

TEST_CASE("A damaged key ring is refused without being quoted") {
    support::counting_random random;
    const std::string good(key_ring::generate(random, start).serialise().reveal());
    const auto replaced = [&](const std::string& from, const std::string& to) {
        std::string text = good;
        const auto found = text.find(from);
        REQUIRE(found != std::string::npos);
        return text.replace(found, from.size(), to);
    };
    for (const std::string& bad :
         {std::string(),
          std::string("[]"),
          good + "x",
          replaced("\"version\":2", "\"version\":3"),
          replaced("\"version\":2", "\"version\":1"),
          replaced("\"active\"", "\"verify_only\""),
          replaced("\"active\"", "\"other\""),
          replaced("\"id\":1", "\"id\":0"),
          replaced("\"id\":1", "\"id\":65536"),
          replaced("\"id\":1", "\"id\":2"),
          replaced("\"id\":1", "\"id\":4"),
          replaced("\"next_id\":4", "\"next_id\":3"),
          replaced("\"secret\":\"", "\"secret\":\"A"),
          replaced("\"identity\"", "\"identitx\""),
          replaced("session_token", "stored_secret"),
          replaced("session_token", "audit"),
          replaced("\"created\"", "\"creatid\""),
          replaced("\"created\":1", "\"created\":-1"),
          replaced("\"created\":1", "\"created\":99999"),
          replaced("\"secret\":", "\"formerly\":9,\"secret\":"),
          replaced("\"secret\":", "\"ended\":9,\"secret\":"),
          replaced("\"secret\":", "\"other\":9,\"secret\":"),
          replaced("\"keys\":", "\"more\":9,\"keys\":"),
          replaced("\"issuer\":\"", "\"issuer\":\"" + std::string(64, 'a'))}) {
        const auto read = key_ring::parse(bad, start);
        INFO(bad);
        REQUIRE_FALSE(read.has_value());
        CHECK(read.error().message.find("the key ring is not valid: ") == 0);
        CHECK(read.error().message.size() < 100);
    }
}

TEST_CASE("Names of purposes and phases are read back") {
    for (const purpose what : key_ring::purposes)
        CHECK(sts::parse_key_purpose(sts::to_string(what)) == what);
    for (const key_phase phase : {key_phase::published, key_phase::active, key_phase::verify_only,
                                  key_phase::retired, key_phase::revoked})
        CHECK(sts::parse_key_phase(sts::to_string(phase)) == phase);
    CHECK_FALSE(sts::parse_key_purpose("jwt").has_value());
    CHECK_FALSE(sts::parse_key_phase("").has_value());
}

TEST_CASE("Whatever is done to a ring, its rules hold") {
    std::mt19937 choices(20'260'921);  // NOLINT: the same run every time
    const auto pick = [&](std::size_t of) {
        return std::uniform_int_distribution<std::size_t>(0, of - 1)(choices);
    };
    for (int round = 0; round < 40; ++round) {
        ring_bench b;
        base::wall_time now = start;
        std::set<std::uint16_t> ever;
        for (const auto& key : b.ring.status())
            ever.insert(key.id);
        for (int step = 0; step < 150; ++step) {
            now += hours(pick(12));
            key_change change = at(now);
            change.publish_time = base::seconds(3600 * pick(3));
            change.forced = pick(5) == 0;
            change.resealed = pick(3) == 0;
            std::map<std::uint16_t, key_ring::key_status> before;
            for (const auto& key : b.ring.status())
                before.emplace(key.id, key);
            const auto text = b.ring.serialise();
            const auto what = key_ring::purposes[pick(key_ring::purposes.size())];
            const auto id = std::uint16_t(1 + pick(*ever.rbegin() + 1u));
            bool done = false;
            switch (pick(4)) {
                case 0:
                    if (const auto made = b.ring.add(what, b.random, now)) {
                        done = true;
                        CHECK(ever.insert(*made).second);
                    }
                    break;
                case 1:
                    if (const auto made = b.ring.rotate(what, b.random, change)) {
                        done = true;
                        CHECK(ever.insert(*made).second);
                        CHECK(b.active(what) == *made);
                    }
                    break;
                case 2:
                    done = b.ring.activate(id, change).has_value();
                    break;
                default:
                    done =
                        b.ring
                            .set_phase(id, pick(2) == 0 ? key_phase::retired : key_phase::revoked,
                                       change)
                            .has_value();
            }
            // What is refused changes nothing.
            if (!done) CHECK(b.ring.serialise().reveal() == text.reveal());
            std::map<purpose, int> active;
            for (const auto& key : b.ring.status()) {
                active[key.what] += key.phase == key_phase::active;
                const bool ended =
                    key.phase == key_phase::retired || key.phase == key_phase::revoked;
                CHECK(b.ring.opening_key(key.what, key.id).has_value() == !ended);
                const auto was = before.find(key.id);
                if (was == before.end()) continue;
                if (was->second.phase == key_phase::revoked) CHECK(key == was->second);
                if (was->second.phase == key_phase::retired && !(key == was->second))
                    CHECK(key.phase == key_phase::revoked);
                if (ended && was->second.phase == key_phase::verify_only) {
                    if (key.what == purpose::stored_secret) {
                        CHECK(change.resealed);
                    } else if (key.phase == key_phase::retired && !change.forced &&
                               key.what == token) {
                        CHECK(now >= *was->second.left_active + sts::session_key_verify_time);
                    }
                }
                if (was->second.phase == key_phase::published && key.phase == key_phase::active &&
                    !change.forced)
                    CHECK(now >= key.created + change.publish_time);
            }
            for (const purpose each : key_ring::purposes)
                CHECK(active[each] == 1);
            const auto read = key_ring::parse(b.ring.serialise().reveal(), {});
            REQUIRE(read.has_value());
            CHECK(read->serialise().reveal() == b.ring.serialise().reveal());
        }
    }
}
