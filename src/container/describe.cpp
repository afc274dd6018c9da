#include "container/describe.hpp"

#include <algorithm>

#include "base/time_text.hpp"
#include "crypto/hash.hpp"
#include "encoding/base64.hpp"

namespace container {

namespace {

std::string digest(std::string_view purpose, std::string_view seed) {
    std::string input(purpose);
    input += '\0';
    input += seed;
    return encoding::hex(crypto::as_text(crypto::sha256(input)));
}

std::string uuid(std::string_view hex) {
    std::string text(hex.substr(0, 32));
    for (const std::size_t at : {20, 16, 12, 8})
        text.insert(at, 1, '-');
    return text;
}

std::string or_else(const std::string& text, const std::string& instead) {
    return text.empty() ? instead : text;
}

const std::string* label(const container_facts& facts, std::string_view name) {
    for (const auto& [key, value] : facts.labels)
        if (key == name && !value.empty()) return &value;
    return nullptr;
}

class task_maker {
public:
    /// `task_seed`: equal for all containers of the task.
    task_maker(const profile::role_profile& profile, std::string_view task_seed)
        : profile_(profile), task_id_(digest("task", task_seed).substr(0, 32)) {
        const profile::container_options& told = profile.container;
        task.cluster = or_else(told.cluster, "default");
        task.family = or_else(told.family, profile.name);
        task.revision = or_else(told.revision, "1");
        task.launch_type = or_else(told.launch_type, "EC2");
        task.service_name = told.service;
        if (!told.service.empty()) task.group = "service:" + told.service;
        task.availability_zone = profile.instance.availability_zone;
        task.availability_zone_id = profile.instance.availability_zone_id;
        task.vpc_id = profile.instance.primary().vpc_id;
        task.task_tags = profile.issue.tags;
        task.container_instance_tags = profile.instance.tags;
    }

    /// After cluster, family and revision are settled.
    void finish() {
        // A cluster may be named by its ARN; ARNs of tasks bear the name alone.
        const std::string cluster = task.cluster.substr(task.cluster.rfind('/') + 1);
        task.arn = arn("task/" + cluster + "/" + task_id_);
        for (container_facts& one : task.containers) {
            one.arn = arn("container/" + cluster + "/" + task_id_ + "/" +
                          uuid(digest("container-arn", one.docker_id)));
            add_label(one, "com.amazonaws.ecs.cluster", task.cluster);
            add_label(one, "com.amazonaws.ecs.container-name", one.name);
            add_label(one, "com.amazonaws.ecs.task-arn", task.arn);
            add_label(one, "com.amazonaws.ecs.task-definition-family", task.family);
            add_label(one, "com.amazonaws.ecs.task-definition-version", task.revision);
        }
    }

    task_facts task;

private:
    std::string arn(const std::string& resource) const {
        const profile::instance_identity& where = profile_.instance;
        return "arn:" + where.partition + ":ecs:" + where.region + ":" + where.account + ":" +
               resource;
    }

    static void add_label(container_facts& to, std::string_view name, const std::string& value) {
        if (!label(to, name)) to.labels.emplace_back(name, value);
    }

    const profile::role_profile& profile_;
    const std::string task_id_;
};

}  // namespace

description describe(const profile::role_profile& profile, std::string_view seed) {
    const profile::container_options& told = profile.container;
    task_maker made(profile, seed);
    container_facts one;
    one.docker_id = digest("container", seed);
    one.name = or_else(told.name, profile.name);
    one.docker_name = "ecs-" + made.task.family + "-" + made.task.revision + "-" + one.name + "-" +
                      one.docker_id.substr(0, 20);
    one.image = or_else(told.image, one.name + ":latest");
    one.image_id = "sha256:" + digest("image", one.image);
    one.labels = told.labels;
    one.created_at = one.started_at = base::iso8601(profile.instance.pending_time);
    network_facts network;
    network.mode = "host";
    network.ipv4 = profile.instance.primary().local_ipv4s;
    network.ipv6 = profile.instance.primary().ipv6s;
    network.mac = profile.instance.primary().mac;
    one.networks.push_back(std::move(network));
    one.restart_count = 0;
    made.task.pull_started_at = made.task.pull_stopped_at = one.created_at;
    made.task.containers.push_back(std::move(one));
    made.finish();
    return {std::move(made.task), 0};
}

description describe(const profile::role_profile& profile,
                     std::vector<engine::inspected> containers, std::string_view own) {
    std::sort(containers.begin(), containers.end(),
              [](const auto& a, const auto& b) { return a.facts.created_at < b.facts.created_at; });
    const auto caller =
        std::find_if(containers.begin(), containers.end(),
                     [&](const engine::inspected& one) { return one.facts.docker_id == own; });
    if (caller == containers.end()) return {};
    // What makes a task one: the compose project, else the container whose network is shared.
    std::string seed = caller->compose_project;
    if (seed.empty()) seed = or_else(caller->network_owner, caller->facts.docker_id);
    task_maker made(profile, seed);
    const container_facts& facts = caller->facts;
    const profile::container_options& told = profile.container;
    if (told.family.empty() && !caller->compose_project.empty())
        made.task.family = caller->compose_project;
    if (const auto* text = label(facts, "com.amazonaws.ecs.cluster")) made.task.cluster = *text;
    if (const auto* text = label(facts, "com.amazonaws.ecs.task-definition-family"))
        made.task.family = *text;
    if (const auto* text = label(facts, "com.amazonaws.ecs.task-definition-version"))
        made.task.revision = *text;
    const std::size_t index = std::size_t(caller - containers.begin());
    for (engine::inspected& one : containers)
        made.task.containers.push_back(std::move(one.facts));
    made.finish();
    return {std::move(made.task), index};
}

}  // namespace container
