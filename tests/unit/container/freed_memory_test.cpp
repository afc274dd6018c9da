// What holds credentials while they are written leaves nothing behind in freed memory.
#include "support/freed_memory.hpp"

#include "container/credential_state.hpp"
#include "support/catch.hpp"

namespace {

constexpr char key[] = "wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEY00";
constexpr char token[] = "IQoJb3JpZ2luX2VjEXAMPLETOKEN";

aws::credentials given() {
    aws::credentials c;
    c.access_key_id = "ASIARZPUZDIKAAAAAAAA";
    c.secret_access_key = base::secret(key);
    std::string long_token(4000, 'x');
    c.session_token = base::secret(long_token.append(token));
    base::wipe(long_token.data(), long_token.size());
    return c;
}

std::size_t left_behind(const char* text) {
    const support::freed_memory watched(text);
    {
        const auto state =
            container::valid_state("arn:aws:iam::123456789012:role/r", given(), true, 1);
        CHECK(state.document.find(text) != state.document.npos);
    }
    return watched.blocks_with_text();
}

}  // namespace

TEST_CASE("Credentials that are replaced leave no copy of their secrets") {
    CHECK(left_behind(key) == 0);
    CHECK(left_behind(token) == 0);
}
