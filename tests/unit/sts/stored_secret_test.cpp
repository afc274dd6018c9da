#include "sts/session/stored_secret.hpp"

#include "support/catch.hpp"
#include "support/counting_random.hpp"

namespace {

constexpr base::wall_time start{base::seconds(1'790'000'000)};
constexpr sts::stored_secret_owner owner{"123456789012", "AKIARZPUZDIKAAAAAAAA"};
constexpr auto purpose = sts::key_ring::purpose::stored_secret;

}  // namespace

TEST_CASE("A stored secret opens for its owner alone") {
    support::counting_random random;
    const auto ring = sts::key_ring::generate(random, start);
    const base::secret value("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY");
    const std::string sealed = sts::seal_stored_secret(owner, value, ring, random);
    CHECK(sealed != sts::seal_stored_secret(owner, value, ring, random));
    const auto opened = sts::open_stored_secret(owner, sealed, ring);
    REQUIRE(opened.has_value());
    CHECK(opened->reveal() == value.reveal());
    CHECK(sts::stored_secret_key(sealed) == ring.sealing_key(purpose).id);

    for (const sts::stored_secret_owner& other :
         {sts::stored_secret_owner{"210987654321", owner.access_key_id},
          sts::stored_secret_owner{owner.account, "AKIARZPUZDIKBBBBBBBB"}}) {
        const auto refused = sts::open_stored_secret(other, sealed, ring);
        REQUIRE(refused.has_error());
        CHECK(refused.error().kind == base::error_kind::denied);
    }
    const auto stranger = sts::key_ring::generate(random, start);
    CHECK(sts::open_stored_secret(owner, sealed, stranger).error().kind ==
          base::error_kind::denied);
    for (const std::string& bad : {std::string(), std::string("AAAA"), std::string("!"),
                                   sealed.substr(4), sealed.substr(0, 40), sealed + "AAAA"}) {
        const auto refused = sts::open_stored_secret(owner, bad, ring);
        REQUIRE(refused.has_error());
        CHECK(refused.error().message.find(owner.access_key_id) != std::string::npos);
    }
    CHECK_FALSE(sts::stored_secret_key("").has_value());
    CHECK_FALSE(sts::stored_secret_key("!").has_value());
}

TEST_CASE("A stored secret outlives its key's rotation until it is sealed again") {
    support::counting_random random;
    auto ring = sts::key_ring::generate(random, start);
    const auto old = ring.sealing_key(purpose).id;
    const std::string sealed =
        sts::seal_stored_secret(owner, base::secret("a secret"), ring, random);
    sts::key_change change;
    change.now = start;
    REQUIRE(ring.rotate(purpose, random, change));
    auto opened = sts::open_stored_secret(owner, sealed, ring);
    REQUIRE(opened.has_value());
    const std::string again = sts::seal_stored_secret(owner, *opened, ring, random);
    CHECK(sts::stored_secret_key(again) == ring.sealing_key(purpose).id);
    change.resealed = true;
    REQUIRE(ring.set_phase(old, sts::key_phase::retired, change));
    CHECK(sts::open_stored_secret(owner, again, ring)->reveal() == "a secret");
    const auto gone = sts::open_stored_secret(owner, sealed, ring);
    REQUIRE(gone.has_error());
    CHECK(gone.error().kind == base::error_kind::not_found);
    CHECK(gone.error().message ==
          "the stored secret of access key AKIARZPUZDIKAAAAAAAA is sealed "
          "under key " +
              std::to_string(old) + ", which the key ring does not have for this any more");
}
