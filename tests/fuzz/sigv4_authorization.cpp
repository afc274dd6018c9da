// Lines of the input: Authorization (or a target, when it starts with '/'), method, X-Amz-Date,
// X-Amz-Security-Token; the rest is the body. A missing or empty line stands for the usual value.
// Whatever is sent: nothing verifies under a key that nobody signed with, and what this module
// signs it also verifies.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "base/time_text.hpp"
#include "sigv4/sigv4.hpp"

namespace {

constexpr std::string_view timestamp = "20150830T123600Z";
constexpr std::string_view unknown_key = "a key that has never signed anything";
constexpr std::string_view known_key = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";

std::string_view next_line(std::string_view& rest) {
    const std::size_t end = rest.find('\n');
    const std::string_view line = rest.substr(0, end);
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
    return line;
}

void expect(bool holds) {
    if (!holds) std::abort();
}

void check_as_sent(const http::request& request, base::wall_time now, const sigv4::rules& rules) {
    const auto claim = sigv4::read_claim(request, now, rules);
    if (!claim) {
        expect(!claim.error().code.empty() && !claim.error().message.empty());
        // No error repeats the header.
        const http::field* sent = request.find("authorization");
        expect(sent == nullptr || sent->value.size() < 80 ||
               claim.error().message.find(sent->value) == std::string::npos);
        return;
    }
    if (claim->signed_by == sigv4::algorithm::hmac) expect(claim->signature.size() == 64);
    expect(claim->credential_scope.service == "sts" && !claim->credential_scope.region.empty());
    expect(!claim->session_token || claim->session_token_signed || rules.unsigned_session_token);
    const auto once = sigv4::canonical_request(request, *claim);
    const auto twice = sigv4::canonical_request(request, *claim);
    expect(once.has_value() == twice.has_value() && (!once || *once == *twice));
    const auto same = sigv4::matches(request, *claim, unknown_key);
    expect(!same || !*same);
}

void check_signed_here(http::request request, std::vector<http::field> fields,
                       base::wall_time now) {
    std::erase_if(fields, [](const http::field& field) {
        return field.name == "Authorization" || field.name == "X-Amz-Date";
    });
    fields.push_back({"X-Amz-Date", timestamp});
    std::vector<std::string> names;
    for (const http::field& field : fields) {
        names.emplace_back(field.name);
    }
    request.fields = fields;
    const auto value = sigv4::authorization(request, {"20150830", "us-east-1", "sts"}, timestamp,
                                            "AKIDEXAMPLE", known_key, names);
    if (!value) return;
    fields.push_back({"Authorization", *value});
    request.fields = fields;
    const auto claim = sigv4::read_claim(request, now, {});
    if (!claim) return;  // a target or a token that is refused before any key is needed
    expect(sigv4::matches(request, *claim, known_key).value());
    expect(!sigv4::matches(request, *claim, unknown_key).value());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const base::wall_time now = base::parse_iso8601_basic(timestamp).value();
    std::string_view rest(reinterpret_cast<const char*>(data), size);

    http::request request;
    request.target = "/";
    std::vector<http::field> fields = {{"Host", "sts.example.test"}};
    const std::string_view subject = next_line(rest);
    const bool presigned = subject.starts_with('/');
    if (presigned) {
        request.target = subject;
    } else {
        fields.push_back({"Authorization", subject});
    }
    const std::string_view method = next_line(rest);
    request.method = method.empty() ? "POST" : method;
    const std::string_view date = next_line(rest);
    if (!presigned) fields.push_back({"X-Amz-Date", date.empty() ? timestamp : date});
    const std::string_view token = next_line(rest);
    if (!token.empty()) fields.push_back({"X-Amz-Security-Token", token});
    if (subject.starts_with("AWS4-ECDSA")) fields.push_back({"X-Amz-Region-Set", "eu-*,us-east-1"});
    request.body = rest;
    request.fields = fields;

    check_as_sent(request, now, {});
    sigv4::rules lenient;
    lenient.fixed_presigned_window = lenient.unsigned_session_token = true;
    lenient.regions = {"us-east-1", "eu-west-1"};
    check_as_sent(request, now, lenient);
    check_signed_here(request, fields, now);
    return 0;
}
