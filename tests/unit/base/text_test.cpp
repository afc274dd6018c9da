#include "base/ip_address.hpp"
#include "base/secret.hpp"
#include "base/time_text.hpp"
#include "support/catch.hpp"

using namespace std::chrono_literals;

namespace {

base::wall_time at(long seconds) {
    return base::wall_time(base::seconds(seconds));
}

}  // namespace

TEST_CASE("Times are written in the three forms of the wire and read back") {
    const base::wall_time time = at(1790000000) + 999ms;
    CHECK(base::iso8601(time) == "2026-09-21T14:13:20Z");
    CHECK(base::iso8601_basic(time) == "20260921T141320Z");
    CHECK(base::imf_fixdate(time) == "Mon, 21 Sep 2026 14:13:20 GMT");
    CHECK(*base::parse_iso8601("2026-09-21T14:13:20Z") == at(1790000000));
    CHECK(*base::parse_iso8601_basic("20260921T141320Z") == at(1790000000));
    CHECK(*base::parse_imf_fixdate("Mon, 21 Sep 2026 14:13:20 GMT") == at(1790000000));
}

TEST_CASE("Times that do not exist or are written otherwise are refused") {
    for (const char* text :
         {"2026-02-30T00:00:00Z", "2026-09-21T24:00:00Z", "2026-09-21T14:13:20",
          "2026-09-21 14:13:20Z", "2026-09-21T14:13:60Z", "", "+026-09-21T14:13:20Z"}) {
        CHECK_FALSE(base::parse_iso8601(text).has_value());
    }
    CHECK_FALSE(base::parse_iso8601_basic("20260921T141320").has_value());
    CHECK_FALSE(base::parse_imf_fixdate("Tue, 21 Sep 2026 14:13:20 GMT").has_value());
    CHECK_FALSE(base::parse_imf_fixdate("Mon, 21 Sep 2026 14:13:20 UTC").has_value());
}

TEST_CASE("Durations need a unit and an order") {
    CHECK(*base::parse_duration("90s") == 90s);
    CHECK(*base::parse_duration("1h30m") == 5400s);
    CHECK(*base::parse_duration("2d") == 48h);
    for (const char* text :
         {"", "90", "0s", "-1h", "30m1h", "1h1h", "1.5h", "1 h", "9999999999s"}) {
        INFO(text);
        CHECK_FALSE(base::parse_duration(text).has_value());
    }
    CHECK(base::duration_text(5400s) == "1h30m");
    CHECK(base::duration_text(86400s) == "1d");
}

TEST_CASE("An IPv4 address and its mapped form are one address") {
    CHECK(*base::ip_address::parse("10.0.0.7") == *base::ip_address::parse("::ffff:10.0.0.7"));
    CHECK(base::ip_address::parse("::ffff:10.0.0.7")->text() == "10.0.0.7");
    CHECK(base::ip_address::parse("fd00:ec2::254")->text() == "fd00:ec2::254");
    CHECK(base::ip_address::parse("127.1.2.3")->is_loopback());
    CHECK(base::ip_address::parse("::1")->is_loopback());
    CHECK_FALSE(base::ip_address::parse("10.0.0.256").has_value());
    CHECK_FALSE(base::ip_address::parse("10.0.0").has_value());
}

TEST_CASE("A network contains its addresses and refuses host bits") {
    const auto network = *base::ip_network::parse("10.1.0.0/16");
    CHECK(network.contains(*base::ip_address::parse("10.1.255.3")));
    CHECK_FALSE(network.contains(*base::ip_address::parse("10.2.0.0")));
    CHECK(base::ip_network::parse("10.0.0.7")->contains(*base::ip_address::parse("10.0.0.7")));
    CHECK(base::ip_network::parse("0.0.0.0/0")->contains(*base::ip_address::parse("1.2.3.4")));
    // Every IPv4 address, and no IPv6 one.
    CHECK_FALSE(
        base::ip_network::parse("0.0.0.0/0")->contains(*base::ip_address::parse("2001:db8::1")));
    CHECK_FALSE(base::ip_network::parse("10.1.0.1/16").has_value());
    CHECK_FALSE(base::ip_network::parse("10.1.0.0/33").has_value());
    CHECK_FALSE(base::ip_network::parse("10.1.0.0/").has_value());
    CHECK(base::ip_network::parse("fd00::/8")->text() == "fd00::/8");
    CHECK(network.text() == "10.1.0.0/16");
}

TEST_CASE("A moved secret leaves nothing behind") {
    base::secret one("key material");
    base::secret two = std::move(one);
    CHECK(two.reveal() == "key material");
    CHECK(one.empty());  // NOLINT: the moved-from state is what is tested
    two = base::secret("other");
    CHECK(two.reveal() == "other");
    CHECK(two.clone().reveal() == "other");
}
