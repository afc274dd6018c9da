#include "encoding/base64.hpp"

#include <string>

#include "support/catch.hpp"

TEST_CASE("Base64 writes the RFC 4648 test vectors and reads them back") {
    const std::pair<const char*, const char*> vectors[] = {{"", ""},
                                                           {"f", "Zg=="},
                                                           {"fo", "Zm8="},
                                                           {"foo", "Zm9v"},
                                                           {"foob", "Zm9vYg=="},
                                                           {"fooba", "Zm9vYmE="},
                                                           {"foobar", "Zm9vYmFy"}};
    for (const auto& [plain, text] : vectors) {
        CHECK(encoding::base64(plain) == text);
        CHECK(encoding::decode_base64(text).value() == plain);
    }
}

TEST_CASE("Base64 refuses every text that its encoder would not write") {
    for (const char* text :
         {"Zg", "Zg=", "Zg===", "Z", "Zh==", "Zm9=", "Zm8=Zm8=", "Zm 9", "Zm9v\n", "=",
          "====", "Zm9v====", "Zm-_", "Zm9\xC3", "=Zg=", "Z=g="}) {
        CAPTURE(text);
        CHECK_FALSE(encoding::decode_base64(text));
    }
}

TEST_CASE("Base64url takes the padded and the unpadded form and no other alphabet") {
    const std::string bytes = "\xFB\xEF\xFF\xFE";
    CHECK(encoding::base64url(bytes, false) == "--___g");
    CHECK(encoding::base64url(bytes, true) == "--___g==");
    CHECK(encoding::decode_base64url("--___g").value() == bytes);
    CHECK(encoding::decode_base64url("--___g==").value() == bytes);
    CHECK_FALSE(encoding::decode_base64url("--___g="));
    CHECK_FALSE(encoding::decode_base64url("--___h"));
    CHECK_FALSE(encoding::decode_base64url("++++"));
    CHECK_FALSE(encoding::decode_base64url("A"));
}

TEST_CASE("Base32 writes the RFC 4648 test vectors without padding") {
    const std::pair<const char*, const char*> vectors[] = {{"", ""},
                                                           {"f", "MY"},
                                                           {"fo", "MZXQ"},
                                                           {"foo", "MZXW6"},
                                                           {"foob", "MZXW6YQ"},
                                                           {"fooba", "MZXW6YTB"},
                                                           {"foobar", "MZXW6YTBOI"}};
    for (const auto& [plain, text] : vectors) {
        CHECK(encoding::base32(plain) == text);
        CHECK(encoding::decode_base32(text).value() == plain);
    }
    for (const char* text : {"my", "MZ", "M", "MZX", "MY======", "M1", "MZXW6Y"}) {
        CAPTURE(text);
        CHECK_FALSE(encoding::decode_base32(text));
    }
}

TEST_CASE("Hex writes lower case and reads both") {
    CHECK(encoding::hex(std::string("\0\x7F\xAB\xff", 4)) == "007fabff");
    CHECK(encoding::decode_hex("007fABfF").value() == std::string("\0\x7F\xAB\xff", 4));
    CHECK_FALSE(encoding::decode_hex("0"));
    CHECK_FALSE(encoding::decode_hex("0g"));
    CHECK_FALSE(encoding::decode_hex("0x"));
}

TEST_CASE("Every byte string of up to 70 bytes survives each encoding") {
    std::string bytes;
    for (int size = 0; size < 70; ++size) {
        CHECK(encoding::decode_base64(encoding::base64(bytes)).value() == bytes);
        CHECK(encoding::decode_base64url(encoding::base64url(bytes, true)).value() == bytes);
        CHECK(encoding::decode_base64url(encoding::base64url(bytes, false)).value() == bytes);
        CHECK(encoding::decode_base32(encoding::base32(bytes)).value() == bytes);
        CHECK(encoding::decode_hex(encoding::hex(bytes)).value() == bytes);
        bytes += static_cast<char>(size * 37 + 11);
    }
}

TEST_CASE("Decoding errors never quote the text which may be a secret") {
    const auto failure = encoding::decode_base64("s3cr3t!!");
    REQUIRE_FALSE(failure);
    CHECK(failure.error().message.find("s3cr3t") == std::string::npos);
}
