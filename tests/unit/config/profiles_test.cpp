#include <fstream>
#include <sstream>

#include "fake_environment.hpp"
#include "support/catch.hpp"

namespace {

std::string content(const std::string& name) {
    std::ifstream file(IMDSD_SOURCE_DIR "/profiles/" + name);
    REQUIRE(file.good());
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

config::configuration shipped(const std::string& name) {
    fake_environment from;
    from.users["root"] = 0;
    const auto text = content(name);
    CHECK(said_about(text, from) == std::vector<std::string>{});
    return loaded(text, from);
}

}  // namespace

TEST_CASE("The quickstart loads and is bound to whoever runs it") {
    const auto c = shipped("quickstart.yaml");
    REQUIRE(c.listeners.size() == 3);
    CHECK(c.listeners[0].address == "127.0.0.1");
    CHECK(c.listeners[0].port == 1338);
    CHECK(c.listeners[1].serves == config::listener::kind::container);
    CHECK(c.listeners[1].port == 1339);
    CHECK(c.listeners[2].serves == config::listener::kind::sts);
    CHECK(c.listeners[2].port == 1340);
    REQUIRE(c.bindings.size() == 1);
    CHECK(c.bindings[0].uids == std::vector<std::uint32_t>{1000});
    CHECK(c.profiles.at(0).granted_role->arn == "arn:aws:iam::000000000000:role/quickstart");
    CHECK(c.profiles.at(0).metadata.http_tokens_required);
}

TEST_CASE("The host configuration listens at the link-local address of one device only") {
    const auto c = shipped("host.yaml");
    CHECK(c.listeners.at(0).address == "169.254.169.254");
    CHECK(c.listeners.at(0).port == 80);
    CHECK(c.listeners.at(0).interface == "lo");
}

TEST_CASE("The sidecar configuration loads and knows its application by number") {
    const auto c = shipped("sidecar.yaml");
    CHECK(c.bindings.at(0).uids == std::vector<std::uint32_t>{1000});
    CHECK(c.audit.output == "stdout");
}

TEST_CASE("The laptop configuration loads and tells roles apart by listener") {
    const auto c = shipped("laptop.yaml");
    REQUIRE(c.bindings.size() == 2);
    CHECK(c.bindings[0].listeners == std::vector<std::string>{"reader"});
    CHECK(c.bindings[1].listeners == std::vector<std::string>{"deployer"});
}

TEST_CASE("The configuration of a fleet's issuer names what its replicas share") {
    const auto c = shipped("issuer.yaml");
    REQUIRE(c.listeners.size() == 1);
    CHECK(c.listeners[0].serves == config::listener::kind::sts);
    CHECK(c.store.where == config::store_options::kind::postgresql);
    REQUIRE(c.key_ring.wrapping_keys.size() == 1);
    CHECK(c.key_ring.wrapping_keys[0].from == sts::wrapping_key_source::kind::file);
    CHECK(c.audit.rotate.keep == 50);
}

TEST_CASE("The Kubernetes configuration lets pods of the node alone show their tokens") {
    const auto c = shipped("kubernetes.yaml");
    REQUIRE(c.listeners.size() == 3);
    CHECK(c.listeners[0].address == "169.254.170.23");
    CHECK(c.listeners[1].address == "fd00:ec2::23");
    CHECK(c.listeners[2].serves == config::listener::kind::health);
    CHECK(c.pods.clusters.at(0).audiences == std::vector<std::string>{"pods.eks.amazonaws.com"});
    for (const auto& rule : c.bindings) {
        CHECK(rule.listeners.size() == 2);
        CHECK_FALSE(rule.networks.empty());
        CHECK(rule.interfaces == std::vector<std::string>{"cni0"});
    }
}
