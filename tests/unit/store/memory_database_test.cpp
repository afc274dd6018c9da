#include "store/memory_database.hpp"

#include "support/catch.hpp"
#include "unit/store/contract.hpp"

using namespace store_test;

TEST_CASE("Rows in memory fail when a test asks for it, before or after the work is done") {
    support::manual_clock clock;
    store::memory_database database(std::make_shared<store::memory_rows>(clock));
    const auto change = put("user", "a", "1");
    const auto fail = [](store::memory_faults::operation) -> std::optional<base::error> {
        return base::unavailable("away");
    };
    database.set_faults({fail, {}});
    CHECK(database.commit(0, {&change, 1}).error().message == "away");
    CHECK(database.load().has_error());
    CHECK(database.changes_after(0).has_error());
    database.set_faults({{}, fail});
    CHECK(database.commit(0, {&change, 1}).has_error());
    database.set_faults({});
    CHECK(database.load().value().version == 1);
}
