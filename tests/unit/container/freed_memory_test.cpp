// What holds credentials while they are written leaves nothing behind in freed memory.
#include "support/freed_memory.hpp"

#include "container/credential_state.hpp"
#include "support/catch.hpp"
#include "support/sought_credentials.hpp"

namespace {

using support::sought_credentials;
constexpr auto& key = support::sought_key;
constexpr auto& token = support::sought_token;

std::size_t left_behind(const char* text) {
    const support::freed_memory watched(text);
    {
        const auto state = container::valid_state("arn:aws:iam::123456789012:role/r",
                                                  sought_credentials(), true, 1);
        CHECK(state.document.find(text) != state.document.npos);
    }
    return watched.blocks_with_text();
}

}  // namespace

TEST_CASE("Credentials that are replaced leave no copy of their secrets") {
    CHECK(left_behind(key) == 0);
    CHECK(left_behind(token) == 0);
}
