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

TEST_CASE("The daemon's socket follows the runtime directory") {
    CHECK(admin::default_socket(variables({{"RUNTIME_DIRECTORY", "/run/imdsd:/run/other"},
                                           {"XDG_RUNTIME_DIR", "/run/user/7"}}),
                                7, "/s") == "/run/imdsd/admin.sock");
    CHECK(admin::default_socket(variables({{"XDG_RUNTIME_DIR", "/run/user/7"}}), 7, "/s") ==
          "/run/user/7/imdsd/admin.sock");
    CHECK(admin::default_socket(variables({}), 0, "/s") == "/run/imdsd/admin.sock");
    CHECK(admin::default_socket(variables({}), 7, "/s") == "/s/admin.sock");
    CHECK(admin::default_socket(variables({{"XDG_RUNTIME_DIR", ""}}), 7, "/s") == "/s/admin.sock");
    CHECK(admin::default_socket(variables({{"XDG_RUNTIME_DIR", "run"}}), 7, "/s") ==
          "/s/admin.sock");
}

TEST_CASE("A client looks for its own user's daemon first and then for the system's") {
    CHECK(admin::socket_candidates(
              variables({{"XDG_RUNTIME_DIR", "/run/user/7"}, {"HOME", "/home/u"}}), 7) ==
          paths{"/run/user/7/imdsd/admin.sock", "/home/u/.local/state/imdsd/admin.sock",
                "/run/imdsd/admin.sock"});
    CHECK(admin::socket_candidates(variables({{"XDG_STATE_HOME", "/x/state"}}), 7) ==
          paths{"/x/state/imdsd/admin.sock", "/run/imdsd/admin.sock"});
    CHECK(admin::socket_candidates(variables({}), 0) == paths{"/run/imdsd/admin.sock"});
}

TEST_CASE("The daemon's socket is among those that a client of the same user tries") {
    const auto same = variables({{"HOME", "/home/u"}});
    const auto tried = admin::socket_candidates(same, 7);
    const auto used = admin::default_socket(same, 7, "/home/u/.local/state/imdsd");
    CHECK(std::find(tried.begin(), tried.end(), used) != tried.end());
}
