#include "workload/fair_queue.hpp"

#include <vector>

#include "support/catch.hpp"

namespace {

using queue = workload::fair_queue<int>;

bool put(queue& into, const std::string& asker, int work) {
    return into.push(asker, work);
}
std::vector<int> drained(queue& from) {
    std::vector<int> all;
    while (const auto work = from.pop())
        all.push_back(*work);
    return all;
}

}  // namespace

TEST_CASE("Askers are served in turn, each in its own order") {
    queue waiting(100, 100);
    CHECK(waiting.empty());
    CHECK_FALSE(waiting.pop());
    for (const int work : {1, 2, 3})
        REQUIRE(put(waiting, "a", work));
    for (const int work : {11, 12})
        REQUIRE(put(waiting, "b", work));
    CHECK(waiting.pop() == 1);
    REQUIRE(put(waiting, "c", 21));
    CHECK(drained(waiting) == std::vector<int>{11, 2, 21, 12, 3});
    CHECK(waiting.empty());
}

TEST_CASE("Places are bounded, those of one asker further") {
    queue waiting(4, 3);
    for (const int work : {1, 2, 3})
        CHECK(put(waiting, "a", work));
    CHECK_FALSE(put(waiting, "a", 4));
    CHECK(put(waiting, "b", 11));
    CHECK_FALSE(put(waiting, "c", 21));
    CHECK(waiting.pop() == 1);
    CHECK(put(waiting, "a", 4));  // its place is free again
    CHECK(drained(waiting) == std::vector<int>{11, 2, 3, 4});
    queue closed(4, 0);
    CHECK_FALSE(put(closed, "a", 1));
    CHECK(closed.empty());
}
