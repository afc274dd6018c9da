#include "handler/sts_service.hpp"

#include "support/catch.hpp"
#include "support/counting_random.hpp"
#include "support/manual_clock.hpp"
#include "unit/handler/stand_ins.hpp"

TEST_CASE("Connections to the issuer are counted for a user, an address, or an IPv6 network") {
    support::manual_clock clock;
    support::counting_random random;
    sts::issuer issuer({}, nullptr, nullptr, clock, random, {});
    auto given = std::make_unique<handler_test::fixed_inspector>();
    handler_test::fixed_inspector& inspector = *given;
    handler::sts_service service({issuer}, std::move(given));
    const auto key = [&](binding::caller::origin from, const char* address,
                         std::optional<std::uint32_t> uid = {}) {
        inspector.who = {};
        inspector.who.from = from;
        inspector.who.address = *base::ip_address::parse(address);
        inspector.who.uid = uid;
        return service.open({-1, "sts", false})->peer_key();
    };
    using from = binding::caller::origin;
    CHECK(key(from::network, "192.0.2.1") != key(from::network, "192.0.2.2"));
    // One machine has all addresses of a network.
    CHECK(key(from::network, "2001:db8::1") == key(from::network, "2001:db8::ffff:2"));
    CHECK(key(from::network, "2001:db8::1") != key(from::network, "2001:db8:0:1::1"));
    CHECK(key(from::local, "127.0.0.1", 5) != key(from::local, "127.0.0.1", 6));
    CHECK(key(from::local, "127.0.0.1", 5) == key(from::local, "::1", 5));
}
