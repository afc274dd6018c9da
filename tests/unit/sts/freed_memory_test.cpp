// What holds credentials while they are written leaves nothing behind in freed memory.
#include "support/freed_memory.hpp"

#include "encoding/base64.hpp"
#include "sts/actions/session_request.hpp"
#include "sts/session/session_token.hpp"
#include "sts/session/stored_secret.hpp"
#include "sts/session/wrapped_ring.hpp"
#include "support/catch.hpp"
#include "support/counting_random.hpp"
#include "support/sought_credentials.hpp"

namespace {

using support::sought_credentials;
constexpr auto& key = support::sought_key;
constexpr auto& token = support::sought_token;

std::size_t left_behind(const char* text, sts::answer_format format) {
    const support::freed_memory watched(text);
    {
        http::response answer;
        sts::write_success("AssumeRole", {sts::shown(sought_credentials())}, "id", {format},
                           answer);
        CHECK(answer.body.find(text) != answer.body.npos);
        answer.clear();
    }
    return watched.blocks_with_text();
}

}  // namespace

TEST_CASE("An answer with credentials leaves no copy of their secrets") {
    for (const auto format : {sts::answer_format::xml, sts::answer_format::json}) {
        CHECK(left_behind(key, format) == 0);
        CHECK(left_behind(token, format) == 0);
    }
}

TEST_CASE("Sealing and opening a session leaves no copy of its key") {
    support::counting_random random;
    const auto ring = sts::key_ring::generate(random, {});
    sts::session facts;
    facts.expires = base::wall_time(base::seconds(1));
    facts.secret_access_key = base::secret(key);
    facts.account = "123456789012";
    facts.session_name = "s1";
    for (int i = 0; i < 5; ++i)
        facts.tags.push_back({std::string(128, 'k'), std::string(256, 'v'), true});
    constexpr std::string_view id = "ASIARZPUZDIKAAAAAAAA";
    const support::freed_memory watched(key);
    {
        const auto token = sts::seal_session(facts, id, "aws", ring, random);
        const auto opened = sts::open_session(token.reveal(), id, "aws", ring, {});
        REQUIRE(opened.has_value());
        CHECK(opened->secret_access_key.reveal() == key);
    }
    CHECK(watched.blocks_with_text() == 0);
}

TEST_CASE("Writing and reading the key ring leaves no copy of its keys") {
    support::counting_random random;
    const auto ring = sts::key_ring::generate(random, {});
    char secret[32] = {};
    {
        const base::secret text = ring.serialise();
        const auto at = text.reveal().find("\"secret\":\"");
        REQUIRE(at != std::string_view::npos);
        text.reveal().copy(secret, sizeof secret - 1, at + 10);
    }
    const support::freed_memory watched(secret);
    {
        const base::secret text = ring.serialise();
        CHECK(text.reveal().find(secret) != std::string_view::npos);
        CHECK(sts::key_ring::parse(text.reveal(), {}).has_value());
    }
    CHECK(watched.blocks_with_text() == 0);
}

TEST_CASE("Wrapping and unwrapping the key ring leaves no copy of its keys") {
    support::counting_random random;
    const auto ring = sts::key_ring::generate(random, {});
    std::vector<sts::wrapping_key> keys;
    keys.emplace_back(base::secret(std::string(sts::wrapping_key::size, '\1')));
    char secret[32] = {};
    {
        const base::secret text = ring.serialise();
        const auto at = text.reveal().find("\"secret\":\"");
        REQUIRE(at != std::string_view::npos);
        text.reveal().copy(secret, sizeof secret - 1, at + 10);
    }
    const support::freed_memory watched(secret);
    CHECK(sts::unwrap_ring(sts::wrap_ring(ring, keys.front(), random), keys, {}).has_value());
    CHECK(watched.blocks_with_text() == 0);
}

TEST_CASE("Reading a wrapping key leaves no copy of it") {
    const std::string text(64, 'a');
    const std::string bytes(sts::wrapping_key::size, '\xaa');
    const support::freed_memory watched(bytes);
    CHECK(sts::wrapping_key::parse(base::secret(text)).has_value());
    CHECK(watched.blocks_with_text() == 0);
}

TEST_CASE("Sealing and opening a stored secret leaves no copy of it") {
    support::counting_random random;
    const auto ring = sts::key_ring::generate(random, {});
    const sts::stored_secret_owner owner{"123456789012", "AKIARZPUZDIKAAAAAAAA"};
    const base::secret value(key);
    const support::freed_memory watched(key);
    {
        const std::string sealed = sts::seal_stored_secret(owner, value, ring, random);
        CHECK(sts::open_stored_secret(owner, sealed, ring)->reveal() == key);
    }
    CHECK(watched.blocks_with_text() == 0);
}
