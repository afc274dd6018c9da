#include "support/reference.hpp"

#include "imds/tree.hpp"
#include "support/catch.hpp"

TEST_CASE("The reference lists every path of the tree with its version") {
    const reference readme;
    std::vector<std::string> listed;
    for (const auto& row : readme.tables.at("Paths"))
        listed.push_back(reference::code_in(row.at(0)).at(0) + " since " + row.at(1));
    std::sort(listed.begin(), listed.end());
    CHECK(listed == imds::known_paths());
}
