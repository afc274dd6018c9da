// Parameters of a VerifyCaller by one who may do anything: whatever is asked, the key in an answer
// is of the one scope that was named, never of one that the issuer takes, and a decision comes when
// it was asked for and only then.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "encoding/base64.hpp"
#include "sts/actions/verify_caller_input.hpp"
#include "sts/issuer.hpp"
#include "support/counting_random.hpp"
#include "support/manual_clock.hpp"

namespace {

constexpr std::string_view key_id = "AKIAROOTROOTROOTROOT";
constexpr std::string_view secret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";

void expect(bool holds) {
    if (!holds) std::abort();
}

/// An account with its root.
class one_account final : public sts::principal_store {
public:
    one_account() {
        auto key = std::make_shared<sts::access_key_record>();
        key->id = key_id;
        key->secret = base::secret(secret);
        key->account = "123456789012";
        root_ = key;
    }
    sts::managed_policy find_managed_policy(std::string_view) const override { return nullptr; }
    bool is_revoked(const sts::session_claim&) const override { return false; }
    bool has_account(std::string_view id) const override { return id == "123456789012"; }
    const sts::organization* find_organization() const override { return nullptr; }
    std::shared_ptr<const sts::access_key_record> find_access_key(
        std::string_view id) const override {
        return id == key_id ? root_ : nullptr;
    }
    std::shared_ptr<const sts::role_record> find_role(std::string_view, std::string_view,
                                                      std::string_view) const override {
        return nullptr;
    }
    std::shared_ptr<const sts::user_record> find_user(std::string_view,
                                                      std::string_view) const override {
        return nullptr;
    }

private:
    std::shared_ptr<const sts::access_key_record> root_;
};

struct scene {
    support::manual_clock clock{base::wall_time(base::seconds(1'790'000'000))};
    support::counting_random random;
    sts::issuer issuer{
        [] {
            sts::issuer_options made;
            made.limits = {{1'000'000'000, 1'000'000'000}, {1'000'000'000, 1'000'000'000}};
            return made;
        }(),
        std::make_shared<one_account>(),
        std::make_shared<sts::key_ring>(sts::key_ring::generate(random, clock.now())),
        clock,
        random,
        [](audit_record::record) { return true; }};
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static scene s;
    const std::string body(reinterpret_cast<const char*>(data), size);
    http::field fields[] = {{"Host", "sts.example.test"},
                            {"X-Amz-Date", "20260921T141320Z"},
                            {"Accept", "application/json"},
                            {"Authorization", ""}};
    http::request request;
    request.method = "POST";
    request.target = "/";
    request.fields = std::span(fields, 3);
    request.body = body;
    const auto authorization =
        sigv4::authorization(request, {"20260921", "us-east-1", "sts"}, "20260921T141320Z", key_id,
                             secret, {"host", "x-amz-date"});
    expect(authorization.has_value());
    fields[3].value = *authorization;
    request.fields = fields;

    http::response answer;
    s.issuer.respond(request, {}, answer);
    expect(answer.status < 500);
    if (answer.body.find("\"SigningKey\"") == std::string_view::npos) return 0;

    const auto given = sts::parameters::parse({}, body, true);
    expect(answer.status == 200 && given.has_value());
    const auto input =
        sts::verify_caller_input::read(*given, s.clock.now(), base::seconds(15 * 60));
    expect(input.has_value() && input->access_key_id == key_id && !input->session_token);
    expect(input->scope.service != "sts" && input->scope.service != "iam");
    const auto key = sigv4::signing_key(secret, input->scope);
    expect(answer.body.find(encoding::base64(crypto::as_text(key))) != std::string_view::npos);
    expect(input->asked.has_value() ==
           (answer.body.find("\"EvalDecision\"") != std::string_view::npos));
    return 0;
}
