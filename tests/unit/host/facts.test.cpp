#include "host/facts.hpp"

#include <optional>

#include "base/ip_address.hpp"
#include "host/boot_id.hpp"
#include "host/network_facts.hpp"
#include "support/catch.hpp"
#include "support/counting_random.hpp"
#include "support/manual_clock.hpp"
#include "temporary_directory.hpp"

using base::error_kind;

namespace {

const std::string some_id = "0123456789abcdef0123456789abcdef";
const std::string other_id = "0123456789abcdef0123456789abcdee";

bool is_hex(const std::string& text, std::size_t size) {
    return text.size() == size && text.find_first_not_of("0123456789abcdef") == std::string::npos;
}

bool is_instance_id(const std::string& text) {
    return text.rfind("i-", 0) == 0 && is_hex(text.substr(2), 17);
}

bool is_mac(std::string text) {
    for (std::size_t colon : {14u, 11u, 8u, 5u, 2u}) {
        if (text.size() <= colon || text[colon] != ':') return false;
        text.erase(colon, 1);
    }
    return is_hex(text, 12);
}

/// An address of the family, neither loopback nor link-local.
bool is_shown(const std::string& text, bool v4) {
    const auto address = base::ip_address::parse(text);
    return address && address->is_v4() == v4 && !address->is_loopback() &&
           !base::ip_network::parse(v4 ? "169.254.0.0/16" : "fe80::/10")->contains(*address);
}

}  // namespace

TEST_CASE("Host facts have the forms that EC2 uses") {
    const support::manual_clock clock;
    const auto facts = host::gather_host_facts(clock, some_id);
    CHECK(is_instance_id(facts.instance_id));
    CHECK(is_hex(facts.unique_suffix, 17));
    for (const auto& interface : facts.interfaces) {
        CAPTURE(interface.name);
        CHECK_FALSE((interface.ipv4s.empty() && interface.ipv6s.empty()));
        CHECK((interface.mac.empty() || is_mac(interface.mac)));
        for (const auto& address : interface.ipv4s)
            CHECK(is_shown(address, true));
        for (const auto& address : interface.ipv6s)
            CHECK(is_shown(address, false));
    }
    const bool known = facts.architecture == "x86_64" || facts.architecture == "arm64" ||
                       facts.architecture == "i386";
    CHECK(known);
    CHECK(facts.hostname != "localhost");
}

TEST_CASE("The instance id is a keyed hash of the machine id that stays the same") {
    const support::manual_clock clock;
    const auto facts = host::gather_host_facts(clock, some_id);
    // printf 'imdsd instance id 1' | openssl dgst -sha256 -hmac 0123456789abcdef0123456789abcdef
    CHECK(facts.instance_id == "i-32c85e320aae5367c");
    CHECK(facts.unique_suffix == "f4dffbffc454ef1dd");
    CHECK(host::gather_host_facts(clock, other_id).instance_id != facts.instance_id);
    CHECK(facts.instance_id.find(some_id.substr(0, 8)) == std::string::npos);
}

TEST_CASE("A host without any machine id still has stable ids") {
    const support::manual_clock clock;
    const auto facts = host::gather_host_facts(clock, "");
    CHECK(is_instance_id(facts.instance_id));
    CHECK(host::gather_host_facts(clock, "").instance_id == facts.instance_id);
}

TEST_CASE("The boot time is a whole second and does not move while time passes") {
    support::manual_clock clock;
    const auto first = host::gather_host_facts(clock, some_id).boot_time;
    CHECK(first == clock.now() - base::milliseconds(1'000'000));
    clock.advance(base::milliseconds(1234));
    CHECK(host::gather_host_facts(clock, some_id).boot_time == first);
    CHECK(first.time_since_epoch().count() % 1000 == 0);
}

TEST_CASE("A machine id file must hold a machine id") {
    const temporary_directory directory;
    put_file(directory / "id", some_id + "\n");
    CHECK(*host::read_machine_id(directory / "id") == some_id);
    for (const std::string text : {"", "uninitialized\n", "00000000000000000000000000000000\n",
                                   "0123456789ABCDEF0123456789ABCDEF\n", "0123\n"}) {
        put_file(directory / "id", text);
        CHECK(host::read_machine_id(directory / "id").error().kind == error_kind::invalid);
    }
    CHECK(host::read_machine_id(directory / "none").error().kind == error_kind::not_found);
}

TEST_CASE("An id is made and kept for hosts without one") {
    const temporary_directory directory;
    support::counting_random random;
    const auto id = host::kept_machine_id(directory.path(), random);
    REQUIRE(id.has_value());
    CHECK(is_hex(*id, 32));
    CHECK(*host::kept_machine_id(directory.path(), random) == *id);
    CHECK_FALSE(host::kept_machine_id(directory / "none", random).has_value());
}

TEST_CASE("The boot id is a UUID and the same twice") {
    const auto id = host::boot_id();
    REQUIRE(id.has_value());
    CHECK(id->size() == 36);
    CHECK(*host::boot_id() == *id);
    const temporary_directory directory;
    put_file(directory / "id", "4067f806-7236-4ed8-9c3a-e34c944bd0dg\n");
    CHECK(host::boot_id(directory / "id").error().kind == error_kind::invalid);
    CHECK(host::boot_id(directory / "none").error().kind == error_kind::not_found);
}
