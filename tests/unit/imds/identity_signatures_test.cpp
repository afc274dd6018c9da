#include "imds/identity_signatures.hpp"

#include "encoding/base64.hpp"
#include "support/catch.hpp"
#include "support/counting_random.hpp"
#include "unit/imds/fixture.hpp"

using imds::signature_kind;
using imds::signing_identity;

namespace {

const std::atomic<bool> go_on{false};
const base::wall_time start{base::seconds(1790000000)};

/// Made once: it takes a while.
const imds::identity_keys& keys() {
    static const imds::identity_keys made = [] {
        support::counting_random random;
        const auto make = [&](signature_kind kind) {
            return signing_identity::generate(kind, "i-1", start, random, go_on).value();
        };
        return imds::identity_keys{make(signature_kind::signature), make(signature_kind::pkcs7),
                                   make(signature_kind::rsa2048)};
    }();
    return made;
}

std::string unwrapped(const std::string& lines) {
    std::string text;
    std::size_t length = 0;
    for (const char c : lines) {
        if (c == '\n') {
            CHECK(length == 76);
            length = 0;
            continue;
        }
        text += c;
        ++length;
    }
    CHECK(length > 0);
    CHECK(length <= 76);
    return encoding::decode_base64(text).value();
}

std::string spelled(const signing_identity& one) {
    return std::string(one.pem().reveal());
}

}  // namespace

TEST_CASE("A signed document has three signatures in lines of 76 characters") {
    const std::string document = "{\n  \"accountId\" : \"123456789012\"\n}";
    const auto made = imds::sign_identity(document, keys(), start);
    CHECK(made.document == document);
    CHECK(made.signature.size() == 174);
    CHECK(unwrapped(made.signature) == keys().signature.key.sign_rsa_sha256(document));
    for (const std::string* cms : {&made.pkcs7, &made.rsa2048}) {
        const std::string bytes = unwrapped(*cms);
        CHECK(bytes.find(document) != std::string::npos);
        CHECK(bytes.find("260921141320Z") != std::string::npos);  // both at the same time
    }
}

TEST_CASE("Keys are of the sizes that EC2 has, with one subject and three serial numbers") {
    CHECK(keys().signature.key.bits() == 1024);
    CHECK(keys().pkcs7.key.bits() == 1024);
    CHECK(keys().pkcs7.key.kind() == crypto::key_kind::dsa);
    CHECK(keys().rsa2048.key.bits() == 2048);
    CHECK(keys().pkcs7.shown.subject() == "CN=i-1,OU=Instance identity,O=imdsd");
    CHECK(keys().pkcs7.shown.subject() == keys().rsa2048.shown.subject());
    CHECK(keys().pkcs7.shown.serial_number() != keys().rsa2048.shown.serial_number());
}

TEST_CASE("A key file comes back, and only for what it is for") {
    for (const signature_kind kind : imds::signature_kinds) {
        INFO(imds::to_string(kind));
        const auto again = signing_identity::parse(kind, spelled(keys().of(kind)));
        REQUIRE(again.has_value());
        CHECK(again->shown.pem() == keys().of(kind).shown.pem());
        CHECK(spelled(*again) == spelled(keys().of(kind)));
    }
    const auto refused = [](signature_kind kind, const std::string& text) {
        const auto read = signing_identity::parse(kind, text);
        return !read.has_value() && read.error().kind == base::error_kind::invalid;
    };
    CHECK(refused(signature_kind::pkcs7, spelled(keys().signature)));
    CHECK(refused(signature_kind::signature, spelled(keys().pkcs7)));
    CHECK(refused(signature_kind::rsa2048, spelled(keys().signature)));  // too short
    CHECK_FALSE(refused(signature_kind::signature, spelled(keys().rsa2048)));
    CHECK(refused(signature_kind::rsa2048, std::string(keys().rsa2048.key.pem().reveal())));
    CHECK(refused(signature_kind::rsa2048, keys().rsa2048.shown.pem()));
    CHECK(refused(signature_kind::signature,
                  std::string(keys().signature.key.pem().reveal()) + keys().rsa2048.shown.pem()));
    CHECK(refused(signature_kind::signature, ""));
}

TEST_CASE("Signatures are served as they are; while there are none a caller waits") {
    fixture f;
    const imds::signed_identity identity{"document", "first\nlines", "second", "third"};
    f.wait = true;
    for (const char* leaf : {"signature", "pkcs7", "rsa2048"}) {
        const std::string path = "/latest/dynamic/instance-identity/" + std::string(leaf);
        CHECK(f.get(path).done.what == imds::outcome::kind::pending);
        f.wait = false;
        const auto missing = f.get(path);
        CHECK(missing.status == 503);
        CHECK(missing.headers.find("Retry-After: 1\r\n") != std::string::npos);
        f.wait = true;
    }
    CHECK(f.get("/latest/dynamic/instance-identity/document").status == 200);
    f.identity = &identity;
    CHECK(f.get("/latest/dynamic/instance-identity/signature").body == "first\nlines");
    CHECK(f.get("/latest/dynamic/instance-identity/pkcs7").body == "second");
    const auto last = f.get("/latest/dynamic/instance-identity/rsa2048");
    CHECK(last.body == "third");
    CHECK(last.headers.find("Content-Type: text/plain\r\n") != std::string::npos);
    CHECK(f.get("/latest/dynamic/instance-identity/dsa2048").status == 404);
    CHECK(f.get("/latest/dynamic/instance-identity/").body ==
          "document\npkcs7\nrsa2048\nsignature");
}

TEST_CASE("An instance's own credentials are beside the role's and without a role") {
    fixture f;
    const std::string folder = "/latest/meta-data/identity-credentials/ec2/";
    CHECK(f.get(folder).status == 404);
    CHECK(f.get(folder + "info").status == 404);
    CHECK(f.get("/latest/meta-data/").body.find("identity-credentials") == std::string::npos);

    f.profile.granted_role.reset();
    f.profile.instance_credentials = true;
    f.changed();
    CHECK(f.get(folder).body == "info\nsecurity-credentials/");
    CHECK(f.get(folder + "security-credentials").body == "ec2-instance");
    const std::string leaf = folder + "security-credentials/ec2-instance";
    CHECK(f.get(leaf).status == 503);
    CHECK(f.get(folder + "info").body ==
          "{\n  \"Code\" : \"Success\",\n  \"LastUpdated\" : \"2026-09-21T14:13:20Z\",\n"
          "  \"AccountId\" : \"123456789012\"\n}");
    f.instance_credentials =
        imds::valid_instance_state(f.profile, std::make_shared<const aws::credentials>(f.issued()),
                                   f.now - base::seconds(60), 1);
    const auto served = f.get(leaf);
    CHECK(served.done.what == imds::outcome::kind::instance_credentials_served);
    CHECK(served.body.find("\"Token\" : \"token/+==\"") != std::string::npos);
    CHECK(f.get(folder + "info").body.find("2026-09-21T14:12:20Z") != std::string::npos);
    f.now += std::chrono::hours(1);
    CHECK(f.get(leaf).status == 503);
}
