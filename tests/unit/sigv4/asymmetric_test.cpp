// SigV4A: the key pair is derived here and by an independent implementation, which made the
// signature below with its own ECDSA.
#include "signed_request.hpp"
#include "support/catch.hpp"

using namespace sigv4_test;

namespace {

message signed_for(const std::string& regions) {
    message made;
    made.add("X-Amz-Region-Set", regions);
    made.add("Authorization",
             "AWS4-ECDSA-P256-SHA256 Credential=AKIDEXAMPLE/20240517/sts/aws4_request, "
             "SignedHeaders=content-type;host;x-amz-date;x-amz-region-set, "
             "Signature="
             "3045022055ab16c616845ee700e0f260d1f21ccc6872991f2b78f4955cbb2c724c536993"
             "022100da782e843cdbb28e9a2ea38759f36f1c6a975bf2e2b7f51ae2c51bb1dbdad0a6");
    return made;
}

bool verifies(const message& made, std::string_view secret = secret_key) {
    return made.with_request([&](const http::request& request) {
        const auto claim = sigv4::read_claim(request, signing_time(), {});
        if (!claim) return false;
        const auto same = sigv4::matches(request, *claim, secret);
        return same && *same;
    });
}

}  // namespace

TEST_CASE("S70 A SigV4A signature verifies with the key that follows from the secret", "[S70]") {
    CHECK(verifies(signed_for("us-east-1,eu-west-1")));
    CHECK_FALSE(verifies(signed_for("us-east-1,eu-west-1"), "another/secret"));
    CHECK_FALSE(verifies(signed_for("us-east-1,eu-west-2")));
    CHECK_FALSE(verifies(signed_for("*")));
    message altered = signed_for("us-east-1,eu-west-1");
    altered.body += "&X=1";
    CHECK_FALSE(verifies(altered));
}

TEST_CASE("S70 No changed bit of a SigV4A signature verifies", "[S70]") {
    const message good = signed_for("us-east-1,eu-west-1");
    const std::size_t size = good.fields.back().second.size();
    const std::size_t first = good.fields.back().second.find("Signature=") + 10;
    REQUIRE(first < size);
    for (std::size_t i = first; i < size; ++i) {
        message altered = good;
        char& digit = altered.fields.back().second[i];
        digit = digit == '0' ? '1' : '0';
        CHECK_FALSE(verifies(altered));
    }
}
