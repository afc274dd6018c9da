#include "signed_request.hpp"
#include "support/catch.hpp"

using namespace sigv4_test;

namespace {

// Every byte of `text`, replaced by other bytes in turn.
template <class F>
void each_change(std::string& text, F check) {
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char original = text[i];
        for (const int change : {0x01, 0x02, 0x04, 0x08, 0x10, 0x20, 0x40, 0x80}) {
            text[i] = static_cast<char>(original ^ change);
            check(i);
        }
        text[i] = original;
    }
}

bool same_ignoring_case(char a, char b) {
    return http::equal_ignoring_case({&a, 1}, {&b, 1});
}

}  // namespace

TEST_CASE("Any changed byte of a request signed by its header fails", "[S40][S58]") {
    message m;
    m.target = "/?a=b";
    m.add("X-Amz-Security-Token", "SESSIONTOKEN/with+special==");
    m.add("X-Custom", "value");
    m.sign();
    REQUIRE(m.verifies());

    int accepted = 0;
    const auto must_fail = [&](std::size_t) { accepted += m.verifies() ? 1 : 0; };
    each_change(m.method, must_fail);
    each_change(m.target, must_fail);
    each_change(m.body, must_fail);
    CHECK(accepted == 0);
    for (auto& [name, value] : m.fields) {
        if (name == "Authorization") continue;
        CAPTURE(name);
        each_change(value, must_fail);
        CHECK(accepted == 0);
        const std::string original = name;
        each_change(name, [&](std::size_t i) {
            if (!same_ignoring_case(original[i], name[i])) accepted += m.verifies() ? 1 : 0;
        });
        CHECK(accepted == 0);
    }

    // In the Authorization value the case of a header name and the kind of white space are free,
    // and the access key id is what the caller looks the secret up by.
    std::string& value = *m.find("authorization");
    const std::string original = value;
    const std::size_t key_begin = original.find('=') + 1;
    const std::size_t key_end = original.find('/');
    const std::size_t names_begin = original.find("SignedHeaders=") + 14;
    const std::size_t names_end = original.rfind(',');
    each_change(value, [&](std::size_t i) {
        if (i >= key_begin && i < key_end) return;
        if (i >= names_begin && i < names_end && same_ignoring_case(original[i], value[i])) return;
        if (original[i] == ' ' && value[i] == '\t') return;
        CAPTURE(i, value);
        if (m.verifies()) FAIL_CHECK("accepted");
    });
}

TEST_CASE("Any changed byte of a presigned request fails") {
    message m;
    m.method = "GET";
    m.target =
        "/?Action=GetCallerIdentity&Version=2011-06-15&X-Amz-Algorithm=AWS4-HMAC-SHA256"
        "&X-Amz-Credential=AKIDEXAMPLE/20240517%2Fus-east-1%2Fsts%2Faws4_request"
        "&X-Amz-Date=20240517T123456Z&X-Amz-Expires=900&X-Amz-SignedHeaders=host"
        "&X-Amz-Security-Token=SESSIONTOKEN%2Fwith%2Bspecial%3D%3D"
        "&X-Amz-Signature=521af5764db175f0524feea4aaf99455d0d0140f2ccf2ee201ea6c7b8311e0ea";
    m.fields = {{"host", "sts.example.test"}};
    m.body.clear();
    REQUIRE(m.verifies());

    int accepted = 0;
    const auto must_fail = [&](std::size_t) { accepted += m.verifies() ? 1 : 0; };
    each_change(m.method, must_fail);
    each_change(*m.find("host"), must_fail);
    CHECK(accepted == 0);
    m.body = "x";
    CHECK_FALSE(m.verifies());
    m.body.clear();

    const std::string original = m.target;
    each_change(m.target, [&](std::size_t i) {
        // The case of a hexadecimal digit of an escape means nothing.
        const bool in_escape = i >= 2 && (original[i - 1] == '%' || original[i - 2] == '%');
        if (in_escape && same_ignoring_case(original[i], m.target[i])) return;
        CAPTURE(i, m.target);
        if (m.verifies()) FAIL_CHECK("accepted");
    });
}

TEST_CASE("An added parameter or field does not get through") {
    message m;
    m.sign();
    REQUIRE(m.verifies());
    message added = m;
    added.target = "/?Action=AssumeRole";
    CHECK_FALSE(added.verifies());
    added = m;
    added.add("Content-Type", "text/plain");  // a second one of a signed name
    CHECK_FALSE(added.verifies());
    added = m;
    added.body += "&Action=AssumeRole";
    CHECK_FALSE(added.verifies());
}

TEST_CASE("Repeated fields are joined in the order of arrival and white space is collapsed") {
    message m;
    m.fields.push_back({"My-Header", "b"});
    m.sign();
    // The list names it once, so the two fields are added after the signature was made by hand.
    const std::string list = "content-type;host;my-header;x-amz-date";
    const auto canonical = [&](const message& changed) {
        return changed.with_request([&](const http::request& request) {
            const auto claim = sigv4::read_claim(request, signing_time(), {}).value();
            return sigv4::canonical_request(request, claim).value();
        });
    };
    CHECK(canonical(m).find("\nmy-header:b\n") != std::string::npos);
    m.fields.push_back({"my-header", "  a \t x\r\n  folded  "});
    m.fields.push_back({"MY-HEADER", ""});
    CHECK(canonical(m).find("\nmy-header:b,a x folded,\n") != std::string::npos);
    CHECK(canonical(m).find("\n" + list + "\n") != std::string::npos);
}

TEST_CASE("The client side refuses to sign without host and date") {
    message m;
    const auto sign = [&](const std::vector<std::string>& names, std::string_view time) {
        return m.with_request([&](const http::request& request) {
            return sigv4::authorization(request, {"20240517", "us-east-1", "sts"}, time, key_id,
                                        secret_key, names)
                .has_value();
        });
    };
    CHECK(sign({"host", "x-amz-date"}, timestamp));
    CHECK_FALSE(sign({"host"}, timestamp));
    CHECK_FALSE(sign({"x-amz-date"}, timestamp));
    CHECK_FALSE(sign({"host", "x-amz-date", "absent"}, timestamp));
    CHECK_FALSE(sign({"host", "x-amz-date"}, "20240517T123457Z"));
    CHECK_FALSE(sign({}, timestamp));
}
