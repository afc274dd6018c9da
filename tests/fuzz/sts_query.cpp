// Whatever parameters come in: without a signature nothing is handed out, and a session that is
// issued holds exactly what was asked for. A parameter is never taken and ignored.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "sts/actions/actions.hpp"
#include "sts/issuer.hpp"
#include "sts/session/packed_size.hpp"
#include "support/counting_random.hpp"
#include "support/manual_clock.hpp"

namespace {

void expect(bool holds) {
    if (!holds) std::abort();
}

/// One role that the EC2 service may assume.
class one_role final : public sts::principal_store {
public:
    one_role() {
        auto role = std::make_shared<sts::role_record>();
        role->account = "123456789012";
        role->path = "/";
        role->name = "reader";
        role->arn = "arn:aws:iam::123456789012:role/reader";
        role->unique_id = "AROAEXAMPLEEXAMPLE000";
        role->trust =
            policy::document::parse(
                R"({"Statement":{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},
                    "Action":"sts:*"}})",
                policy::document_kind::trust)
                .value();
        role_ = role;
    }
    sts::managed_policy find_managed_policy(std::string_view) const override { return nullptr; }
    bool is_revoked(const sts::session_claim&) const override { return false; }
    bool has_account(std::string_view id) const override { return id == "123456789012"; }
    const sts::organization* find_organization() const override { return nullptr; }
    std::shared_ptr<const sts::access_key_record> find_access_key(std::string_view) const override {
        return nullptr;
    }
    std::shared_ptr<const sts::role_record> find_role(std::string_view, std::string_view,
                                                      std::string_view name) const override {
        return name == role_->name ? role_ : nullptr;
    }
    std::shared_ptr<const sts::user_record> find_user(std::string_view,
                                                      std::string_view) const override {
        return nullptr;
    }

private:
    std::shared_ptr<const sts::role_record> role_;
};

struct scene {
    support::manual_clock clock;
    support::counting_random random;
    sts::issuer_options options = [] {
        sts::issuer_options made;
        made.allowed_origins = {"https://a.example"};
        made.endpoints = {{"sts.example.test", ""}};
        return made;
    }();
    std::shared_ptr<one_role> store = std::make_shared<one_role>();
    std::shared_ptr<const sts::key_ring> ring =
        std::make_shared<sts::key_ring>(sts::key_ring::generate(random, clock.now()));
    sts::audit_port log = [](audit_record::record) { return true; };
    sts::audit_trail audit{log};
    sts::issuer issuer{options, store, ring, clock, random, log};
};

void check_unsigned(scene& s, std::string_view text) {
    for (const bool post : {true, false}) {
        const std::string target = post ? "/" : "/?" + std::string(text);
        const http::field fields[] = {{"Host", "sts.example.test"},
                                      {"Origin", "https://a.example"}};
        http::request request;
        request.fields = fields;
        request.method = post ? "POST" : "GET";
        request.target = target;
        if (post) request.body = text;
        http::response answer;
        s.issuer.respond(request, {}, answer);
        expect(answer.status >= 400 && answer.status < 500);
        expect(answer.body.find("<ErrorResponse") == 0);
        expect(answer.body.find("<AccessKeyId>") == std::string_view::npos);
        expect(answer.more_headers.find("Access-Control-Allow-Origin: https://a.example\r\n") !=
               std::string::npos);
    }
}

void check_issued(scene& s, const sts::assume_role_input& input) {
    const sts::call made{s.options,
                         *s.store,
                         *s.ring,
                         s.random,
                         s.audit,
                         s.clock.now(),
                         sts::service_caller("ec2.amazonaws.com"),
                         {},
                         "id",
                         "us-east-1",
                         "",
                         ""};
    const auto output = sts::assume_role(made, input);
    if (!output) {
        expect(!output.error().code.empty() && output.error().code != "InternalFailure");
        return;
    }
    expect(!input.serial_number && !input.token_code && input.policy_arns.empty() &&
           input.provided_contexts.empty());
    const auto opened =
        sts::open_session(output->credentials.session_token.reveal(),
                          output->credentials.access_key_id, "aws", *s.ring, s.clock.now());
    expect(opened.has_value());
    expect(opened->policy.empty() == !input.policy.has_value());
    expect(opened->source_identity == input.source_identity.value_or(""));
    expect(opened->session_name == *input.role_session_name);
    expect(opened->tags.size() == input.tags.size());
    std::size_t transitive = 0;
    for (const sts::session_tag& tag : opened->tags)
        transitive += tag.transitive;
    expect(transitive <= input.transitive_tag_keys.size());
    expect(input.transitive_tag_keys.empty() == (transitive == 0));
    const auto life = opened->expires - s.clock.now();
    expect(life <= base::seconds(input.duration.value_or(3600)));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static scene s;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    check_unsigned(s, text);
    // The parameters may be spread over query and body.
    const auto given =
        sts::parameters::parse(text.substr(0, size / 2), text.substr(size / 2), true);
    const auto whole = sts::parameters::parse({}, text, true);
    for (const auto* p : {&given, &whole}) {
        if (!*p) continue;
        const auto input = sts::assume_role_input::read(**p);
        if (input) check_issued(s, *input);
        if (!input) expect(!input.error().code.empty());
    }
    return 0;
}
