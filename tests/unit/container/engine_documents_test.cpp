#include "container/engine_documents.hpp"

#include "support/catch.hpp"

using namespace container;

namespace {

const std::string id(64, 'a');
const std::string other(64, 'b');

/// As Docker answers GET /containers/{id}/json, shortened.
const std::string inspect = R"({"Id":")" + id + R"(","Created":"2026-01-02T03:04:05.678901234Z",
"State":{"Status":"running","Pid":4711,"ExitCode":0,"StartedAt":"2026-01-02T03:04:06Z",
"FinishedAt":"0001-01-01T00:00:00Z","Health":{"Status":"unhealthy","Log":[
{"End":"2026-01-02T03:05:00Z","ExitCode":7,"Output":"no"}]}},
"Image":"sha256:1234","Name":"/shop-web-1","RestartCount":3,
"HostConfig":{"CpuShares":512,"Memory":134217728,"NetworkMode":"shop_default",
"LogConfig":{"Type":"json-file","Config":{"max-size":"1m"}}},
"Mounts":[{"Type":"volume","Name":"data","Source":"/var/lib/x","Destination":"/data"}],
"Config":{"Image":"nginx:1","Labels":{"com.docker.compose.project":"shop",
"com.docker.compose.service":"web","n":1}},
"NetworkSettings":{"Ports":{"80/tcp":[{"HostIp":"0.0.0.0","HostPort":"8080"}],"53/udp":null},
"Networks":{"shop_default":{"IPAddress":"172.18.0.2","IPPrefixLen":16,"Gateway":"172.18.0.1",
"GlobalIPv6Address":"fd00::2","GlobalIPv6PrefixLen":64,"MacAddress":"02:42:ac:12:00:02"}}}})";

}  // namespace

TEST_CASE("what an engine says of a container") {
    const auto read = engine::read_inspect(inspect);
    REQUIRE(read.has_value());
    const container_facts& facts = read->facts;
    CHECK(facts.docker_id == id);
    CHECK(facts.name == "web");
    CHECK(facts.docker_name == "shop-web-1");
    CHECK(facts.image == "nginx:1");
    CHECK(facts.image_id == "sha256:1234");
    CHECK(facts.created_at == "2026-01-02T03:04:05.678901234Z");
    CHECK(facts.started_at == "2026-01-02T03:04:06Z");
    CHECK(facts.finished_at.empty());
    CHECK_FALSE(facts.exit_code);
    CHECK(facts.known_status == "RUNNING");
    CHECK(facts.restart_count == 3);
    CHECK(facts.cpu_shares == 512);
    CHECK(facts.memory_mib == 128);
    CHECK(facts.log_driver == "json-file");
    CHECK(facts.log_options == text_pairs{{"max-size", "1m"}});
    CHECK(facts.labels.size() == 2);  // one is no text
    REQUIRE(facts.health);
    CHECK(facts.health->status == "UNHEALTHY");
    CHECK(facts.health->since == "2026-01-02T03:05:00Z");
    CHECK(facts.health->exit_code == 7);
    REQUIRE(facts.ports.size() == 2);
    CHECK(facts.ports[0].container_port == 80);
    CHECK(facts.ports[0].host_port == 8080);
    CHECK(facts.ports[1].protocol == "udp");
    CHECK_FALSE(facts.ports[1].host_port);
    REQUIRE(facts.networks.size() == 1);
    CHECK(facts.networks[0].mode == "shop_default");
    CHECK(facts.networks[0].ipv4 == std::vector<std::string>{"172.18.0.2"});
    CHECK(facts.networks[0].ipv4_subnet == "172.18.0.0/16");
    CHECK(facts.networks[0].ipv6_subnet == "fd00::/64");
    CHECK(facts.networks[0].ipv4_gateway == "172.18.0.1");
    REQUIRE(facts.volumes.size() == 1);
    CHECK(facts.volumes[0].destination == "/data");
    CHECK(read->pid == 4711);
    CHECK(read->compose_project == "shop");
    CHECK(read->network_owner.empty());
}

TEST_CASE("a container that is over, and one that shares a network") {
    const auto read =
        engine::read_inspect(R"({"Id":")" + id + R"(","State":{"Status":"exited","ExitCode":137,
        "FinishedAt":"2026-01-02T03:04:06Z"},"HostConfig":{"NetworkMode":"container:)" +
                             other + R"("}})");
    REQUIRE(read.has_value());
    CHECK(read->facts.known_status == "STOPPED");
    CHECK(read->facts.desired_status == "STOPPED");
    CHECK(read->facts.exit_code == 137);
    CHECK(read->facts.finished_at == "2026-01-02T03:04:06Z");
    CHECK(read->network_owner == other);
}

TEST_CASE("what no engine says is no fact") {
    const auto odd = engine::read_inspect(R"({"Id":")" + id + R"(","State":[],"Config":null,
        "NetworkSettings":{"Ports":{"x/tcp":[],"70000/tcp":[],"80":[1,{"HostPort":"-1"}]},
        "Networks":{"n":null,"m":{"IPAddress":"300.1.1.1","IPPrefixLen":99}}},"Mounts":[1]})");
    REQUIRE(odd.has_value());
    REQUIRE(odd->facts.ports.size() == 1);
    CHECK_FALSE(odd->facts.ports[0].host_port);
    REQUIRE(odd->facts.networks.size() == 1);
    CHECK(odd->facts.networks[0].ipv4_subnet.empty());
    CHECK(odd->facts.volumes.empty());
    for (const auto bad : {"", "[]", "{}", R"({"Id":"short"})", R"({"Id":1})", "nonsense"}) {
        CAPTURE(bad);
        CHECK_FALSE(engine::read_inspect(bad).has_value());
    }
}

TEST_CASE("lists give ids and addresses") {
    const auto read = engine::read_list(
        R"([{"Id":")" + id + R"(","NetworkSettings":{"Networks":{"a":{"IPAddress":"10.0.0.2",
        "GlobalIPv6Address":"fd00::2"},"b":{"IPAddress":""}}}},{"Id":"short"},7,
        {"Id":")" +
        other + R"(","NetworkSettings":{"Networks":null}}])");
    REQUIRE(read.has_value());
    REQUIRE(read->size() == 2);
    CHECK((*read)[0].addresses.size() == 2);
    CHECK((*read)[1].addresses.empty());
    CHECK_FALSE(engine::read_list("{}").has_value());
}

TEST_CASE("statistics pass as they are, when they are JSON") {
    CHECK(engine::read_statistics(" {\"read\":\"x\",\"cpu\":1.5}\n").value() ==
          "{\"read\":\"x\",\"cpu\":1.5}");
    CHECK_FALSE(engine::read_statistics("{\"read\":").has_value());
    CHECK_FALSE(engine::read_statistics("[]").has_value());
    CHECK_FALSE(engine::read_statistics("{} {}").has_value());
}

TEST_CASE("the container of a cgroup") {
    const auto of = [](const std::string& path) { return container_of_cgroup(path).id; };
    CHECK(of("/system.slice/docker-" + id + ".scope") == id);
    CHECK(of("/docker/" + id) == id);
    CHECK(of("/machine.slice/libpod-" + id + ".scope") == id);
    CHECK(of("/machine.slice/libpod-" + id + ".scope/container") == id);
    CHECK(of("/libpod_parent/libpod-" + id) == id);
    CHECK(of("/kubepods.slice/kubepods-pod1.slice/cri-containerd-" + id + ".scope") == id);
    CHECK(container_of_cgroup("/machine.slice/libpod-" + id + ".scope/container").path ==
          "/machine.slice/libpod-" + id + ".scope");
    // The innermost counts: a container in a container.
    CHECK(of("/docker/" + id + "/libpod_parent/libpod-" + other) == other);
    // The monitor runs outside.
    CHECK(of("/machine.slice/libpod-conmon-" + id + ".scope").empty());
    CHECK(of("/libpod_parent/conmon").empty());
    CHECK(of("/system.slice/backup.service").empty());
    CHECK(of("/docker/" + id + "0").empty());
    CHECK(of("/docker/" + std::string(64, 'A')).empty());
    CHECK(of("").empty());
}
