#include "fake_environment.hpp"
#include "support/catch.hpp"

using lines = std::vector<std::string>;

namespace {

/// Everything about containers on line 4 and after, or in place of it.
std::string text(const std::string& profile, const std::string& binding, const std::string& rest) {
    return "apiVersion: imdsd/v1\n"
           "listeners: [{name: imds, serve: imds, address: '127.0.0.1:1338'}, "
           "{name: web, serve: container, address: '169.254.170.2:80', interface: lo}]\n"
           "profiles: {p: {container: " +
           profile + "}}\nbindings: [" + binding + "]\n" + rest;
}

lines said(const std::string& profile, const std::string& binding = "{user: self, profile: p}",
           const std::string& rest = "") {
    return said_about(text(profile, binding, rest));
}

}  // namespace

TEST_CASE("What configuration says of containers is read") {
    const auto c = loaded(text(
        "{name: front, image: 'nginx:1', family: shop, revision: 7, cluster: prod, "
        "service: shop-front, launch_type: FARGATE, labels: {a: b}}",
        "{user: self, listener: web, profile: p}, "
        "{source_network: 10.0.0.2/32, interface: eth1, listener: web, profile: p}",
        "compat: {access_key_id_alias: true}\ncontainer_engine: {socket: /run/docker.sock}\n"));
    CHECK(c.listeners.at(1).serves == config::listener::kind::container);
    CHECK(std::string(to_string(c.listeners.at(1).serves)) == "container");
    CHECK(c.compat.access_key_id_alias);
    CHECK(c.container_engine_socket == "/run/docker.sock");
    const profile::container_options& one = c.profiles.at(0).container;
    CHECK(one.name == "front");
    CHECK(one.image == "nginx:1");
    CHECK(one.family == "shop");
    CHECK(one.revision == "7");
    CHECK(one.cluster == "prod");
    CHECK(one.service == "shop-front");
    CHECK(one.launch_type == "FARGATE");
    CHECK(one.labels == std::vector<std::pair<std::string, std::string>>{{"a", "b"}});
    const auto plain = loaded(text("{}", "{user: self, profile: p}", ""));
    CHECK_FALSE(plain.compat.access_key_id_alias);
    CHECK(plain.container_engine_socket.empty());
}

TEST_CASE("What is wrong about containers is said with its place") {
    CHECK(said("{nmae: x}") == lines{"3:28: unknown key 'nmae'; did you mean 'name'?"});
    CHECK(
        said("{launch_type: ec2}") ==
        lines{
            "3:41: 'launch_type' must be EC2, FARGATE or MANAGED_INSTANCES; did you mean 'EC2'?"});
    CHECK(said("{name: " + std::string(256, 'x') + "}") ==
          lines{"3:28: 'name' is 1 to 255 characters"});
    CHECK(said("{}", "{user: self, profile: p}", "container_engine: {}\n") ==
          lines{"5:19: missing key 'socket' in container_engine"});
    CHECK(said("{}", "{user: self, profile: p}", "container_engine: {socket: docker}\n") ==
          lines{"5:28: 'socket' must be a path with a '/'"});
    CHECK(said("{}", "{user: self, profile: p}",
               "container_engine: {socket: /" + std::string(107, 'x') + "}\n") ==
          lines{"5:20: the path of the container engine's socket is longer than 107 bytes"});
    CHECK(said("{}", "{user: self, profile: p}", "compat: {access_key_id_alias: yes}\n") ==
          lines{"5:31: 'access_key_id_alias' must be true or false"});
}

TEST_CASE("On listeners that serve container, callers from a network are named twice") {
    const lines wrong{
        "4:52: listener 'web' serves container: a binding of callers from a network "
        "needs both source_network and interface there"};
    CHECK(said("{}", "{source_network: 10.0.0.2/32,profile: p,listener: web}") == wrong);
    CHECK(said("{}", "{interface: eth1, profile: p,           listener: web}") == wrong);
    CHECK(said("{}", "{interface: eth1, profile: p, listener: imds}") == lines{});
    CHECK(said("{}", "{interface: eth1, profile: p}") == lines{});
}

TEST_CASE("An engine that nobody is served by is warned of") {
    CHECK(said_about("apiVersion: imdsd/v1\n"
                     "listeners: [{name: imds, serve: imds, address: '127.0.0.1:1338'}]\n"
                     "profiles: {p: {}}\nbindings: [{user: self, profile: p}]\n"
                     "container_engine: {socket: /run/docker.sock}\n") ==
          lines{"5:1: warning: no listener serves container: the container engine is not asked"});
}
