#include "admin/socket_path.hpp"

#include <map>

#include "support/catch.hpp"

namespace {

admin::variable_lookup variables(std::map<std::string, std::string> values) {
    return [values = std::move(values)](std::string_view name) -> std::optional<std::string> {
        const auto found = values.find(std::string(name));
        if (found == values.end()) return std::nullopt;
        return found->second;
    };
}

using paths = std::vector<std::string>;

}  // namespace

TEST_CASE("A client looks for its own user's daemon first and then for the system's") {
    CHECK(admin::socket_candidates(
              variables({{"XDG_RUNTIME_DIR", "/run/user/7"}, {"HOME", "/srv/u"}}), 7) ==
          paths{"/run/user/7/imdsd/admin.sock", "/srv/u/.local/state/imdsd/admin.sock",
                "/run/imdsd/admin.sock"});
    CHECK(admin::socket_candidates(variables({{"XDG_STATE_HOME", "/x/state"}}), 7) ==
          paths{"/x/state/imdsd/admin.sock", "/run/imdsd/admin.sock"});
    CHECK(admin::socket_candidates(variables({}), 0) == paths{"/run/imdsd/admin.sock"});
}

TEST_CASE("The unit's runtime directory goes before the user's and unusable values do not count") {
    CHECK(admin::socket_candidates(variables({{"RUNTIME_DIRECTORY", "/run/a:/run/b"},
                                              {"XDG_RUNTIME_DIR", "/run/user/7"}}),
                                   7) == paths{"/run/a/admin.sock", "/run/imdsd/admin.sock"});
    CHECK(admin::socket_candidates(
              variables({{"XDG_RUNTIME_DIR", "run"}, {"XDG_STATE_HOME", ""}, {"HOME", "h"}}), 7) ==
          paths{"/run/imdsd/admin.sock"});
}
