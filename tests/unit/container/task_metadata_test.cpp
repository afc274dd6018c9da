#include "container/task_metadata.hpp"

#include "container/describe.hpp"
#include "container/json_object.hpp"
#include "support/catch.hpp"

using namespace container;

namespace {

container_facts full() {
    container_facts c;
    c.docker_id = "id";
    c.name = "web";
    c.docker_name = "ecs-web";
    c.image = "nginx";
    c.image_id = "sha256:0";
    c.ports = {{80, "tcp", 8080, "0.0.0.0"}};
    c.labels = {{"b", "2"}, {"a", "1"}};
    c.exit_code = 0;
    c.cpu_shares = 2;
    c.memory_mib = 128;
    c.created_at = "c";
    c.started_at = "s";
    c.finished_at = "f";
    network_facts n;
    n.mode = "awsvpc";
    n.ipv4 = {"10.0.0.2"};
    n.mac = "02:00:00:00:00:01";
    n.ipv4_subnet = "10.0.0.0/24";
    n.ipv4_gateway = "10.0.0.1/24";
    c.networks = {n};
    c.health = health_facts{"HEALTHY", "h", 1, "fine"};
    c.volumes = {{"v", "/src", "/dst"}};
    c.log_driver = "awslogs";
    c.log_options = {{"g", "x"}};
    c.arn = "arn";
    c.snapshotter = "overlayfs";
    c.restart_count = 0;
    return c;
}

constexpr std::string_view networks_v3 =
    R"("Networks":[{"NetworkMode":"awsvpc","IPv4Addresses":["10.0.0.2"]}],)";

}  // namespace

TEST_CASE("a container, to the byte") {
    const std::string head =
        R"({"DockerId":"id","Name":"web","DockerName":"ecs-web","Image":"nginx",)"
        R"("ImageID":"sha256:0","Ports":[{"ContainerPort":80,"Protocol":"tcp","HostPort":8080,)"
        R"("HostIp":"0.0.0.0"}],"Labels":{"a":"1","b":"2"},"DesiredStatus":"RUNNING",)"
        R"("KnownStatus":"RUNNING","ExitCode":0,"Limits":{"CPU":2,"Memory":128},"CreatedAt":"c",)"
        R"("StartedAt":"s","FinishedAt":"f","Type":"NORMAL",)";
    const std::string tail =
        R"("Health":{"status":"HEALTHY","statusSince":"h","exitCode":1,"output":"fine"},)"
        R"("Volumes":[{"DockerName":"v","Source":"/src","Destination":"/dst"}],)"
        R"("LogDriver":"awslogs","LogOptions":{"g":"x"},"ContainerARN":"arn")";
    CHECK(container_document(full(), 3) == head + std::string(networks_v3) + tail + "}");
    CHECK(container_document(full(), 4) ==
          head + tail +
              R"(,"Networks":[{"NetworkMode":"awsvpc","IPv4Addresses":["10.0.0.2"],)"
              R"("MACAddress":"02:00:00:00:00:01","IPv4SubnetCIDRBlock":"10.0.0.0/24",)"
              R"("SubnetGatewayIpv4Address":"10.0.0.1/24"}],"Snapshotter":"overlayfs",)"
              R"("RestartCount":0})");
}

TEST_CASE("what is empty is left out, what is always there stays") {
    CHECK(container_document({}, 4) ==
          R"({"DockerId":"","Name":"","DockerName":"","Image":"","ImageID":"",)"
          R"("DesiredStatus":"RUNNING","KnownStatus":"RUNNING","Limits":{"CPU":0},)"
          R"("Type":"NORMAL"})");
}

TEST_CASE("ports tell what is known") {
    container_facts one;
    one.ports.resize(2);
    one.ports[0].container_port = 80;
    one.ports[1].protocol = "udp";
    one.ports[1].host_port = 0;
    CHECK(container_document(one, 4).find(R"("Ports":[{"ContainerPort":80},{"Protocol":"udp"}])") !=
          std::string::npos);
}

TEST_CASE("a task, to the byte") {
    task_facts task;
    task.cluster = "c";
    task.arn = "a";
    task.family = "f";
    task.revision = "7";
    task.cpus = 0.25;
    task.memory_mib = 512;
    task.pull_started_at = "p";
    task.availability_zone = "z";
    task.availability_zone_id = "zi";
    task.launch_type = "EC2";
    task.vpc_id = "vpc";
    task.service_name = "s";
    task.group = "service:s";
    task.task_tags = {{"t", "1"}};
    task.container_instance_tags = {{"i", "2"}};
    const std::string head =
        R"({"Cluster":"c","TaskARN":"a","Family":"f","Revision":"7","DesiredStatus":"RUNNING",)"
        R"("KnownStatus":"RUNNING",)";
    const std::string middle =
        R"("Limits":{"CPU":0.25,"Memory":512},"PullStartedAt":"p","AvailabilityZone":"z",)";
    const std::string containers = "\"Containers\":[" + container_document({}, 3) + "],";
    const std::string tags = R"("TaskTags":{"t":"1"},"ContainerInstanceTags":{"i":"2"},)";
    const std::string more =
        R"("VPCID":"vpc","ServiceName":"s","Group":"service:s","FaultInjectionEnabled":false,)"
        R"("AvailabilityZoneID":"zi"})";
    task.containers.resize(1);
    CHECK(task_document(task, 3, false) == head + containers + middle + R"("LaunchType":"EC2"})");
    CHECK(task_document(task, 3, true) ==
          head + containers + middle + tags + R"("LaunchType":"EC2"})");
    CHECK(task_document(task, 4, false) ==
          head + middle + R"("LaunchType":"EC2",)" + containers + more);
    task.containers.clear();
    CHECK(task_document(task, 4, true) == head + middle + tags + R"("LaunchType":"EC2",)" + more);
}

TEST_CASE("strings are escaped as Go does") {
    CHECK(go_string("a<b>&\"\\\n") == R"("a\u003cb\u003e\u0026\"\\\n")");
    CHECK(go_string("\xE2\x80\xA8\xE2\x80\xA9") == R"("\u2028\u2029")");
    CHECK(go_string("\xff") == "\"\xEF\xBF\xBD\"");
}

TEST_CASE("a profile describes a container by itself") {
    profile::role_profile p;
    p.name = "web";
    p.instance.partition = "aws";
    p.instance.region = "eu-central-1";
    p.instance.account = "123456789012";
    p.issue.tags = {{"team", "x"}};
    const description plain = describe(p, "seed");
    REQUIRE(plain.task.containers.size() == 1);
    const container_facts& one = plain.task.containers[0];
    CHECK(plain.task.family == "web");
    CHECK(plain.task.revision == "1");
    CHECK(plain.task.cluster == "default");
    CHECK(plain.task.task_tags == text_pairs{{"team", "x"}});
    CHECK(is_container_id(one.docker_id));
    CHECK(plain.task.arn.rfind("arn:aws:ecs:eu-central-1:123456789012:task/default/", 0) == 0);
    CHECK(one.arn.rfind("arn:aws:ecs:eu-central-1:123456789012:container/default/", 0) == 0);
    CHECK(describe(p, "seed").task.arn == plain.task.arn);
    CHECK(describe(p, "other").task.arn != plain.task.arn);

    p.container.name = "front";
    p.container.image = "nginx:1";
    p.container.family = "shop";
    p.container.revision = "12";
    p.container.cluster = "arn:aws:ecs:eu-central-1:123456789012:cluster/prod";
    p.container.service = "shop-front";
    p.container.launch_type = "FARGATE";
    p.container.labels = {{"x", "y"}};
    const description told = describe(p, "seed");
    const container_facts& front = told.task.containers[0];
    CHECK(front.name == "front");
    CHECK(front.image == "nginx:1");
    CHECK(front.docker_name.rfind("ecs-shop-12-front-", 0) == 0);
    CHECK(told.task.arn.find(":task/prod/") != std::string::npos);
    CHECK(told.task.launch_type == "FARGATE");
    CHECK(told.task.group == "service:shop-front");
    CHECK(front.labels.front() == std::pair<std::string, std::string>("x", "y"));
    CHECK(front.labels.size() == 6);
}

TEST_CASE("the containers of one task have one ARN of the task") {
    profile::role_profile p;
    p.name = "web";
    std::vector<engine::inspected> two(2);
    two[0].facts.docker_id = std::string(64, 'a');
    two[0].facts.created_at = "2026-01-02T00:00:00Z";
    two[0].compose_project = "shop";
    two[1].facts.docker_id = std::string(64, 'b');
    two[1].facts.created_at = "2026-01-01T00:00:00Z";
    two[1].facts.labels = {{"com.amazonaws.ecs.task-definition-family", "labelled"}};
    two[1].compose_project = "shop";
    const description by_a = describe(p, two, two[0].facts.docker_id);
    const description by_b = describe(p, two, two[1].facts.docker_id);
    // The one made first comes first.
    CHECK(by_a.own == 1);
    CHECK(by_b.own == 0);
    CHECK(by_a.task.arn == by_b.task.arn);
    CHECK(by_a.task.family == "shop");
    CHECK(by_b.task.family == "labelled");
    CHECK(by_a.task.containers[0].arn != by_a.task.containers[1].arn);
    CHECK(describe(p, two, "nobody").task.containers.empty());
}
