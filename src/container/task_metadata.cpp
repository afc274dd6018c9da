#include "container/task_metadata.hpp"

#include <algorithm>

#include "container/json_object.hpp"

namespace container {

namespace {

/// Go writes maps with their keys in order.
std::string map_of(text_pairs pairs) {
    std::sort(pairs.begin(), pairs.end());
    json_object object;
    for (const auto& [name, value] : pairs)
        object.text(name, value);
    return object.take();
}

std::string ports_of(const container_facts& facts) {
    std::vector<std::string> ports;
    for (const port_facts& port : facts.ports) {
        json_object object;
        if (port.container_port != 0)
            object.number("ContainerPort", std::int64_t(port.container_port));
        object.text_if("Protocol", port.protocol);
        if (port.host_port.value_or(0) != 0)
            object.number("HostPort", std::int64_t(*port.host_port));
        object.text_if("HostIp", port.host_address);
        ports.push_back(object.take());
    }
    return json_array(ports);
}

std::string networks_of(const container_facts& facts, int version) {
    std::vector<std::string> networks;
    for (const network_facts& network : facts.networks) {
        json_object object;
        object.text_if("NetworkMode", network.mode)
            .texts_if("IPv4Addresses", network.ipv4)
            .texts_if("IPv6Addresses", network.ipv6);
        if (version >= 4) {
            object.text_if("MACAddress", network.mac)
                .text_if("IPv4SubnetCIDRBlock", network.ipv4_subnet)
                .text_if("IPv6SubnetCIDRBlock", network.ipv6_subnet)
                .texts_if("DomainNameServers", network.name_servers)
                .texts_if("DomainNameSearchList", network.search_domains)
                .text_if("PrivateDNSName", network.private_dns_name)
                .text_if("SubnetGatewayIpv4Address", network.ipv4_gateway)
                .text_if("SubnetGatewayIpv6Address", network.ipv6_gateway);
        }
        networks.push_back(object.take());
    }
    return json_array(networks);
}

std::string health_of(const container_facts& facts) {
    if (!facts.health) return {};
    json_object object;
    object.text_if("status", facts.health->status).text_if("statusSince", facts.health->since);
    if (facts.health->exit_code.value_or(0) != 0)
        object.number("exitCode", *facts.health->exit_code);
    object.text_if("output", facts.health->output);
    return object.take();
}

std::string volumes_of(const container_facts& facts) {
    std::vector<std::string> volumes;
    for (const volume_facts& volume : facts.volumes) {
        volumes.push_back(json_object()
                              .text_if("DockerName", volume.name)
                              .text_if("Source", volume.source)
                              .text_if("Destination", volume.destination)
                              .take());
    }
    return json_array(volumes);
}

std::string limits_of(const container_facts& facts) {
    json_object object;
    object.number("CPU", facts.cpu_shares);
    if (facts.memory_mib != 0) object.number("Memory", facts.memory_mib);
    return object.take();
}

std::string limits_of(const task_facts& facts) {
    json_object object;
    if (facts.cpus) object.number("CPU", *facts.cpus);
    if (facts.memory_mib) object.number("Memory", *facts.memory_mib);
    return object.take();
}

std::string containers_of(const task_facts& facts, int version) {
    std::vector<std::string> containers;
    for (const container_facts& one : facts.containers)
        containers.push_back(container_document(one, version));
    return json_array(containers);
}

}  // namespace

std::string container_document(const container_facts& facts, int version) {
    json_object object;
    object.text("DockerId", facts.docker_id)
        .text("Name", facts.name)
        .text("DockerName", facts.docker_name)
        .text("Image", facts.image)
        .text("ImageID", facts.image_id)
        .raw_if("Ports", ports_of(facts))
        .raw_if("Labels", map_of(facts.labels))
        .text("DesiredStatus", facts.desired_status)
        .text("KnownStatus", facts.known_status);
    if (facts.exit_code) object.number("ExitCode", *facts.exit_code);
    object.raw("Limits", limits_of(facts))
        .text_if("CreatedAt", facts.created_at)
        .text_if("StartedAt", facts.started_at)
        .text_if("FinishedAt", facts.finished_at)
        .text("Type", "NORMAL");
    if (version < 4) object.raw_if("Networks", networks_of(facts, version));
    object.raw_if("Health", health_of(facts))
        .raw_if("Volumes", volumes_of(facts))
        .text_if("LogDriver", facts.log_driver)
        .raw_if("LogOptions", map_of(facts.log_options))
        .text_if("ContainerARN", facts.arn);
    if (version >= 4) {
        object.raw_if("Networks", networks_of(facts, version))
            .text_if("Snapshotter", facts.snapshotter);
        if (facts.restart_count) object.number("RestartCount", *facts.restart_count);
    }
    return object.take();
}

std::string task_document(const task_facts& facts, int version, bool with_tags) {
    json_object object;
    object.text("Cluster", facts.cluster)
        .text("TaskARN", facts.arn)
        .text("Family", facts.family)
        .text("Revision", facts.revision)
        .text_if("DesiredStatus", facts.desired_status)
        .text("KnownStatus", facts.known_status);
    if (version < 4) object.raw_if("Containers", containers_of(facts, version));
    object.raw_if("Limits", limits_of(facts))
        .text_if("PullStartedAt", facts.pull_started_at)
        .text_if("PullStoppedAt", facts.pull_stopped_at)
        .text_if("ExecutionStoppedAt", facts.execution_stopped_at)
        .text_if("AvailabilityZone", facts.availability_zone);
    if (with_tags) {
        object.raw_if("TaskTags", map_of(facts.task_tags))
            .raw_if("ContainerInstanceTags", map_of(facts.container_instance_tags));
    }
    object.text_if("LaunchType", facts.launch_type);
    if (version >= 4) {
        object.raw_if("Containers", containers_of(facts, version))
            .text_if("VPCID", facts.vpc_id)
            .text_if("ServiceName", facts.service_name)
            .text_if("Group", facts.group)
            .boolean("FaultInjectionEnabled", false)
            .text_if("AvailabilityZoneID", facts.availability_zone_id);
    }
    return object.take();
}

}  // namespace container
