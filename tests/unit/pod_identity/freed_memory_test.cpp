// What holds credentials while they are written leaves nothing behind in freed memory.
#include "support/freed_memory.hpp"

#include "pod_identity/answers.hpp"
#include "support/catch.hpp"
#include "support/sought_credentials.hpp"

namespace {

using support::sought_credentials;
constexpr auto& key = support::sought_key;
constexpr auto& token = support::sought_token;

std::size_t left_behind(const char* text) {
    const support::freed_memory watched(text);
    {
        http::response answer;
        pod_identity::answer_credentials(
            pod_identity::credential_document(sought_credentials(), "123456789012"), answer);
        CHECK(answer.body.find(text) != answer.body.npos);
        // The next answer of the connection.
        answer.clear();
        pod_identity::answer_error(404, std::string(100, 'x'), answer);
    }
    return watched.blocks_with_text();
}

}  // namespace

TEST_CASE("An answer with credentials leaves no copy of their secrets") {
    CHECK(left_behind(key) == 0);
    CHECK(left_behind(token) == 0);
}
