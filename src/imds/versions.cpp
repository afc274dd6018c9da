#include "imds/versions.hpp"

#include <algorithm>
#include <array>

namespace imds {

namespace {

constexpr std::array<std::string_view, 30> versions = {
    "1.0",        "2007-01-19", "2007-03-01", "2007-08-29", "2007-10-10", "2007-12-15",
    "2008-02-01", "2008-09-01", "2009-04-04", "2011-01-01", "2011-05-01", "2012-01-12",
    "2014-02-25", "2014-11-05", "2015-10-20", "2016-04-19", "2016-06-30", "2016-09-02",
    "2018-03-28", "2018-08-17", "2018-09-24", "2019-10-01", "2020-10-27", "2021-01-03",
    "2021-03-23", "2021-07-15", "2022-07-09", "2022-09-24", "2024-04-11", "latest"};

}  // namespace

std::optional<version_index> find_version(std::string_view name) {
    const auto found = std::find(versions.begin(), versions.end(), name);
    if (found == versions.end()) return std::nullopt;
    return std::size_t(found - versions.begin());
}

std::size_t version_count() {
    return versions.size();
}

std::string_view version_name(version_index index) {
    return versions[index];
}

version_index first_version_since(std::string_view date) {
    // "1.0" sorts before every date, "latest" after.
    return std::size_t(std::lower_bound(versions.begin(), versions.end(), date) - versions.begin());
}

}  // namespace imds
