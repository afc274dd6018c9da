// Whatever an issuer answers: a grant is for the claim that was asked about, is good for a while
// and no longer than the session, and its key verifies nothing that it did not sign.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "encoding/json.hpp"
#include "verifier/answer.hpp"

namespace {

void expect(bool holds) {
    if (!holds) std::abort();
}

constexpr std::int64_t now = 1'790'000'000;

}  // namespace

// The first byte: does the caller have a session token, and what was the status.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const std::string_view body(reinterpret_cast<const char*>(data) + 1, size - 1);
    imdsd_claim claim{"ASIAEXAMPLEEXAMPLE00", {}, {"20260922", "eu-west-1", "orders"}};
    if (data[0] & 1) claim.session_token = "token";
    const int status = data[0] & 2 ? 403 : 200;

    imdsd_grant grant;
    const auto failed = verifier::read_answer(claim, status, body, now, grant);
    if (failed) {
        expect(failed->status != IMDSD_OK);
        return 0;
    }
    expect(status == 200 && encoding::parse_json(body).has_value());
    expect(grant.access_key_id == claim.access_key_id && grant.scope.service == "orders");
    expect(grant.session_token.has_value() == claim.session_token.has_value());
    expect((grant.expiration != 0) == claim.session_token.has_value());
    expect(grant.good_until >= now && grant.good_until <= now + 3600);
    expect(grant.expiration == 0 || grant.good_until <= grant.expiration);
    expect(!grant.arn.empty() && !grant.account.empty());
    return 0;
}
