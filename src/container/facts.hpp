#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace container {

using text_pairs = std::vector<std::pair<std::string, std::string>>;

/// What is told of one network of a container. Empty: not known, left out.
struct network_facts {
    std::string mode;  ///< awsvpc, bridge, host, or the network's name
    std::vector<std::string> ipv4, ipv6;
    std::string mac;
    std::string ipv4_subnet, ipv6_subnet;  ///< CIDR blocks
    std::vector<std::string> name_servers, search_domains;
    std::string private_dns_name;
    std::string ipv4_gateway, ipv6_gateway;
};

struct port_facts {
    std::uint16_t container_port = 0;
    std::string protocol;
    std::optional<std::uint16_t> host_port;
    std::string host_address;
};

struct volume_facts {
    std::string name, source, destination;
};

struct health_facts {
    std::string status;  ///< HEALTHY, UNHEALTHY, UNKNOWN
    std::string since;   ///< RFC 3339
    std::optional<std::int64_t> exit_code;
    std::string output;
};

/// One container, as task metadata tells of it. Times are RFC 3339 texts with up to nanoseconds.
struct container_facts {
    std::string docker_id;
    std::string name;         ///< of the container in the task definition
    std::string docker_name;  ///< of the container in the engine
    std::string image, image_id;
    std::vector<port_facts> ports;
    text_pairs labels;
    std::string desired_status = "RUNNING", known_status = "RUNNING";
    std::optional<std::int64_t> exit_code;
    std::int64_t cpu_shares = 0;
    std::int64_t memory_mib = 0;  ///< 0: no limit
    std::string created_at, started_at, finished_at;
    std::vector<network_facts> networks;
    std::optional<health_facts> health;
    std::vector<volume_facts> volumes;
    std::string log_driver;
    text_pairs log_options;
    std::string arn;
    std::string snapshotter;
    std::optional<std::int64_t> restart_count;
};

/// A task: the containers that belong together.
struct task_facts {
    std::string cluster;  ///< name or ARN
    std::string arn;
    std::string family, revision;
    std::string desired_status = "RUNNING", known_status = "RUNNING";
    std::optional<double> cpus;  ///< vCPUs
    std::optional<std::int64_t> memory_mib;
    std::string pull_started_at, pull_stopped_at, execution_stopped_at;
    std::string availability_zone, availability_zone_id;
    std::string launch_type;  ///< EC2, FARGATE, MANAGED_INSTANCES
    std::string vpc_id, service_name, group;
    text_pairs task_tags, container_instance_tags;
    std::vector<container_facts> containers;
};

/// What can be told to one caller.
struct description {
    task_facts task;
    std::size_t own = 0;  ///< which of the task's containers the caller is in
};

}  // namespace container
