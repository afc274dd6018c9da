// What holds credentials while they are written leaves nothing behind in freed memory.
#include "support/freed_memory.hpp"

#include "imds/documents.hpp"
#include "support/catch.hpp"
#include "support/sought_credentials.hpp"

namespace {

using support::sought_credentials;
constexpr auto& key = support::sought_key;
constexpr auto& token = support::sought_token;

/// Blocks that are freed with the text in them, while a document is written.
std::size_t left_behind(const char* text) {
    const support::freed_memory watched(text);
    const aws::credentials credentials = sought_credentials();
    for (const bool alias : {false, true}) {
        std::string document =
            imds::credential_document(credentials, {}, {}, "123456789012", alias);
        CHECK(document.find(text) != document.npos);
        base::wipe(document.data(), document.size());
    }
    return watched.blocks_with_text();
}

}  // namespace

TEST_CASE("Writing a credential document leaves no copy of its secrets") {
    CHECK(left_behind(key) == 0);
    CHECK(left_behind(token) == 0);
}

TEST_CASE("The watch sees what is freed") {
    const support::freed_memory watched(key);
    { const std::string copy(key); }
    CHECK(watched.blocks_with_text() == 1);
}
