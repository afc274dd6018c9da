#include "sts/session/session_token.hpp"

#include "aws/identifiers.hpp"
#include "fixture.hpp"
#include "sts/session/packed_size.hpp"

namespace {

sts::session full_session() {
    sts::session s;
    s.issued = base::wall_time(base::milliseconds(1'790'000'000'123));
    s.expires = base::wall_time(base::seconds(1'790'003'600));
    s.secret_access_key = base::secret("secretsecretsecretsecretsecretsecretsecr");
    s.account = "123456789012";
    s.principal_id = "AROAEXAMPLEEXAMPLE000";
    s.role_path = "/team/";
    s.role_name = "reader";
    s.session_name = "s1";
    s.session_id = "0123456789abcdef";
    s.source_identity = "bob";
    s.policy = R"({"Statement":[]})";
    s.tags = {{"team", "blue", true}, {"empty", "", false}};
    return s;
}

constexpr std::string_view key_id = "ASIARZPUZDIKAAAAAAAA";

}  // namespace

TEST_CASE("A sealed session opens to the same facts") {
    support::counting_random random;
    const auto ring = sts::key_ring::generate(random, {});
    const auto s = full_session();
    const auto token = sts::seal_session(s, key_id, "aws", ring, random);
    const auto opened = sts::open_session(token.reveal(), key_id, "aws", ring, s.issued);
    REQUIRE(opened.has_value());
    CHECK(opened->issued == s.issued);
    CHECK(opened->expires == s.expires);
    CHECK(opened->secret_access_key.reveal() == s.secret_access_key.reveal());
    CHECK(opened->role_path == s.role_path);
    CHECK(opened->tags == s.tags);
    CHECK(sts::encode_session(*opened) == sts::encode_session(s));
    const auto again = sts::seal_session(s, key_id, "aws", ring, random);
    CHECK(again.reveal() != token.reveal());
}

TEST_CASE("A token opens only for what it was bound to") {
    support::counting_random random;
    const auto ring = sts::key_ring::generate(random, {});
    const auto s = full_session();
    const std::string token(sts::seal_session(s, key_id, "aws", ring, random).reveal());
    const auto code = [&](std::string_view text, std::string_view id, std::string_view partition) {
        const auto got = sts::open_session(text, id, partition, ring, s.issued);
        return got ? std::string() : got.error().code;
    };
    CHECK(code(token, key_id, "aws") == "");
    const std::string same_account = aws::make_access_key_id("ASIA", "123456789012", random);
    CHECK(code(token, same_account, "aws") == "InvalidClientTokenId");
    CHECK(code(token, "ASIA6RVFFB77QAAAAAAA", "aws") == "InvalidClientTokenId");
    CHECK(code(token, "ASIAIOSFODNN7EXAMPLE", "aws") == "InvalidClientTokenId");
    CHECK(code(token, "", "aws") == "InvalidClientTokenId");
    CHECK(code(token, key_id, "aws-cn") == "InvalidClientTokenId");
    CHECK(code("", key_id, "aws") == "InvalidClientTokenId");
    CHECK(code(token.substr(0, token.size() - 4), key_id, "aws") == "InvalidClientTokenId");
    CHECK(code(std::string(100'000, 'A'), key_id, "aws") == "InvalidClientTokenId");
    CHECK(sts::open_session(token, key_id, "aws", ring, s.expires).error().code == "ExpiredToken");
}

TEST_CASE("The inside of a token is read strictly") {
    const std::string bytes = sts::encode_session(full_session());
    REQUIRE(sts::decode_session(bytes).has_value());
    for (std::size_t size = 0; size < bytes.size(); ++size) {
        if (sts::decode_session(std::string_view(bytes).substr(0, size)).has_value())
            FAIL("cut at " << size);
    }
    CHECK_FALSE(sts::decode_session(bytes + "x").has_value());
    std::string other = bytes;
    for (const char unknown : {'\0', '\7', '\xff'}) {
        other[0] = unknown;
        CHECK_FALSE(sts::decode_session(other).has_value());
    }
}

TEST_CASE("Packed size has AWS's known points") {
    using sts::packed_size;
    CHECK(packed_size({}, "").value() == 0);
    CHECK(packed_size({}, std::string(2048, 'x')).value() == 100);
    const auto over = packed_size({{"k", "v", false}}, std::string(2048, 'x'));
    REQUIRE_FALSE(over.has_value());
    CHECK(over.error().message ==
          "Packed policy consumes 102% of allotted space, please use smaller policy.");
    CHECK(sts::without_white_space("{ \"a b\" :\n\t\"c\\\" d\" }") == "{\"a b\":\"c\\\" d\"}");
}

TEST_CASE("What a session got later stands behind what it always had") {
    auto s = full_session();
    const std::string before = sts::encode_session(s);
    s.user_name = "alice";
    s.policy_arns = {"arn:aws:iam::123456789012:policy/a", "arn:aws:iam::123456789012:policy/b"};
    const std::string after = sts::encode_session(s);
    // Tokens that were sealed before there were such fields still open, and the other way round.
    CHECK(after.starts_with(before));
    REQUIRE(sts::decode_session(before).has_value());
    CHECK(sts::decode_session(before)->policy_arns.empty());
    const auto back = sts::decode_session(after);
    REQUIRE(back.has_value());
    CHECK(back->user_name == s.user_name);
    CHECK(back->policy_arns == s.policy_arns);
    CHECK(sts::encode_session(*back) == after);
}

TEST_CASE("A field that is not known, empty, out of order or too many is refused, not skipped") {
    const std::string before = sts::encode_session(full_session());
    const auto field = [](char number, std::string_view text) {
        return std::string(1, number) + std::string(1, '\0') + char(text.size()) +
               std::string(text);
    };
    CHECK(sts::decode_session(before + field(2, "a")).has_value());
    for (const std::string& more :
         {field(3, "a"), field(0, "a"), field(2, ""), field(2, "a") + field(1, "b"),
          field(1, "a") + field(1, "b"), std::string("\x02"), std::string("\x02\0", 2),
          std::string("\x02\0\x02y", 4)}) {
        INFO(more);
        CHECK_FALSE(sts::decode_session(before + more).has_value());
    }
    std::string many = before;
    for (int i = 0; i < 10; ++i)
        many += field(2, "a");
    CHECK(sts::decode_session(many).has_value());
    CHECK_FALSE(sts::decode_session(many + field(2, "a")).has_value());
}

TEST_CASE("ARNs of managed policies take room as well") {
    using sts::packed_size;
    CHECK(packed_size({}, "", {std::string(1024, 'x')}).value() == 50);
    const auto over = packed_size({}, std::string(1025, 'x'), {std::string(1024, 'x')});
    REQUIRE_FALSE(over.has_value());
    CHECK(over.error().message ==
          "Packed policy consumes 101% of allotted space, please use smaller policy.");
}
