#include "container/engine_documents.hpp"

#include <algorithm>
#include <charconv>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "encoding/json.hpp"

namespace container {

namespace {

namespace json = boost::json;

constexpr std::int64_t bytes_per_mib = 1 << 20;
constexpr std::size_t most_entries = 256;  ///< of a list inside a document
constexpr std::string_view no_time = "0001-01-01T00:00:00Z";

const json::object nothing;

const json::object& object_in(const json::object& from, std::string_view name) {
    const json::value* value = from.if_contains(name);
    return value && value->is_object() ? value->get_object() : nothing;
}

const json::array* array_in(const json::object& from, std::string_view name) {
    const json::value* value = from.if_contains(name);
    return value ? value->if_array() : nullptr;
}

std::string text_in(const json::object& from, std::string_view name) {
    const json::value* value = from.if_contains(name);
    const json::string* text = value ? value->if_string() : nullptr;
    return text ? std::string(*text) : std::string();
}

std::optional<std::int64_t> number_in(const json::object& from, std::string_view name) {
    const json::value* value = from.if_contains(name);
    const std::int64_t* number = value ? value->if_int64() : nullptr;
    return number ? std::optional(*number) : std::nullopt;
}

std::string time_in(const json::object& from, std::string_view name) {
    std::string text = text_in(from, name);
    return text == no_time ? std::string() : text;
}

text_pairs pairs_in(const json::object& from) {
    text_pairs pairs;
    for (const auto& [name, value] : from) {
        if (pairs.size() == most_entries) break;
        if (const json::string* text = value.if_string()) pairs.emplace_back(name, *text);
    }
    return pairs;
}

std::string label(const container_facts& facts, std::string_view name) {
    for (const auto& [key, value] : facts.labels)
        if (key == name) return value;
    return {};
}

/// "80/tcp"
void add_ports(const json::object& from, container_facts& into) {
    for (const auto& [key, value] : from) {
        if (into.ports.size() == most_entries) return;
        const std::string_view text(key.data(), key.size());
        const std::size_t slash = std::min(text.find('/'), text.size());
        port_facts port;
        const auto [end, failed] =
            std::from_chars(text.data(), text.data() + slash, port.container_port);
        if (failed != std::errc{} || end != text.data() + slash) continue;
        if (slash < text.size()) port.protocol = text.substr(slash + 1);
        const json::array* bound = value.if_array();
        if (!bound || bound->empty()) {
            into.ports.push_back(std::move(port));
            continue;
        }
        for (const json::value& one : *bound) {
            if (!one.is_object() || into.ports.size() == most_entries) continue;
            port_facts mapped = port;
            mapped.host_address = text_in(one.get_object(), "HostIp");
            const std::string number = text_in(one.get_object(), "HostPort");
            std::uint16_t host_port = 0;
            const auto [last, bad] =
                std::from_chars(number.data(), number.data() + number.size(), host_port);
            if (bad == std::errc{} && last == number.data() + number.size())
                mapped.host_port = host_port;
            into.ports.push_back(std::move(mapped));
        }
    }
}

/// "172.17.0.2" and 16 give "172.17.0.0/16".
std::string subnet(const std::string& address, std::optional<std::int64_t> prefix) {
    const auto parsed = base::ip_address::parse(address);
    if (!parsed || !prefix || *prefix <= 0) return {};
    const std::int64_t skipped = parsed->is_v4() ? 96 : 0;
    if (*prefix + skipped > 128) return {};
    auto bytes = parsed->bytes();
    for (std::int64_t bit = *prefix + skipped; bit < 128; ++bit)
        bytes[std::size_t(bit / 8)] &= std::uint8_t(~(0x80u >> (bit % 8)));
    return base::ip_address::v6(bytes).text() + "/" + std::to_string(*prefix);
}

network_facts network_of(std::string_view mode, const json::object& from) {
    network_facts network;
    network.mode = mode;
    if (std::string four = text_in(from, "IPAddress"); !four.empty()) {
        network.ipv4_subnet = subnet(four, number_in(from, "IPPrefixLen"));
        network.ipv4.push_back(std::move(four));
    }
    if (std::string six = text_in(from, "GlobalIPv6Address"); !six.empty()) {
        network.ipv6_subnet = subnet(six, number_in(from, "GlobalIPv6PrefixLen"));
        network.ipv6.push_back(std::move(six));
    }
    network.mac = text_in(from, "MacAddress");
    network.ipv4_gateway = text_in(from, "Gateway");
    network.ipv6_gateway = text_in(from, "IPv6Gateway");
    return network;
}

void add_networks(const json::object& settings, const std::string& mode, container_facts& into) {
    for (const auto& [name, value] : object_in(settings, "Networks")) {
        if (into.networks.size() == most_entries) return;
        if (value.is_object())
            into.networks.push_back(network_of({name.data(), name.size()}, value.get_object()));
    }
    if (into.networks.empty() && !mode.empty()) into.networks.push_back(network_of(mode, settings));
}

void add_state(const json::object& state, container_facts& into) {
    const std::string status = text_in(state, "Status");
    const bool over = status == "exited" || status == "dead" || status == "stopped";
    into.known_status = over ? "STOPPED" : status == "created" ? "CREATED" : "RUNNING";
    if (over) {
        into.desired_status = "STOPPED";
        into.exit_code = number_in(state, "ExitCode");
    }
    into.started_at = time_in(state, "StartedAt");
    if (over) into.finished_at = time_in(state, "FinishedAt");
    const json::object& health = object_in(state, "Health");
    const std::string told = text_in(health, "Status");
    if (told.empty() || told == "none") return;
    health_facts facts;
    facts.status = told == "healthy" ? "HEALTHY" : told == "unhealthy" ? "UNHEALTHY" : "UNKNOWN";
    if (const json::array* log = array_in(health, "Log"); log && !log->empty()) {
        if (const json::object* last = log->back().if_object()) {
            facts.since = time_in(*last, "End");
            facts.exit_code = number_in(*last, "ExitCode");
            facts.output = text_in(*last, "Output");
        }
    }
    into.health = std::move(facts);
}

void add_volumes(const json::array* mounts, container_facts& into) {
    if (!mounts) return;
    for (const json::value& one : *mounts) {
        const json::object* mount = one.if_object();
        if (!mount || into.volumes.size() == most_entries) continue;
        into.volumes.push_back(
            {text_in(*mount, "Name"), text_in(*mount, "Source"), text_in(*mount, "Destination")});
    }
}

encoding::json_limits document_limits() {
    encoding::json_limits limits;
    limits.bytes = engine::largest_document;
    return limits;
}

}  // namespace

bool is_container_id(std::string_view text) {
    return text.size() == 64 && std::all_of(text.begin(), text.end(), [](char c) {
               return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
           });
}

cgroup_container container_of_cgroup(std::string_view path) {
    cgroup_container found;
    for (std::size_t begin = 0; begin < path.size();) {
        const std::size_t end = std::min(path.find('/', begin), path.size());
        std::string_view part = path.substr(begin, end - begin);
        begin = end + 1;
        if (part.ends_with(".scope")) part.remove_suffix(6);
        const std::size_t dash = part.rfind('-');
        const std::string_view prefix =
            dash == std::string_view::npos ? std::string_view() : part.substr(0, dash);
        // The monitor of a container is not in it.
        if (prefix.ends_with("conmon")) continue;
        if (dash != std::string_view::npos) part.remove_prefix(dash + 1);
        if (is_container_id(part)) found = {std::string(part), std::string(path.substr(0, end))};
    }
    return found;
}

namespace engine {

base::result<inspected> read_inspect(std::string_view text) {
    const auto value = encoding::parse_json(text, document_limits());
    if (!value) return value.error();
    const json::object* top = value->if_object();
    if (!top) return base::invalid("not an object");
    inspected out;
    container_facts& facts = out.facts;
    facts.docker_id = text_in(*top, "Id");
    if (!is_container_id(facts.docker_id)) return base::invalid("no container id");
    facts.docker_name = text_in(*top, "Name");
    if (facts.docker_name.starts_with('/')) facts.docker_name.erase(0, 1);
    const json::object& config = object_in(*top, "Config");
    facts.image = text_in(config, "Image");
    facts.image_id = text_in(*top, "Image");
    if (is_container_id(facts.image_id)) facts.image_id.insert(0, "sha256:");
    facts.labels = pairs_in(object_in(config, "Labels"));
    facts.name = label(facts, "com.amazonaws.ecs.container-name");
    if (facts.name.empty()) facts.name = label(facts, "com.docker.compose.service");
    if (facts.name.empty()) facts.name = facts.docker_name;
    facts.created_at = time_in(*top, "Created");
    facts.restart_count = number_in(*top, "RestartCount");
    add_state(object_in(*top, "State"), facts);
    out.pid = number_in(object_in(*top, "State"), "Pid").value_or(0);

    const json::object& host = object_in(*top, "HostConfig");
    facts.cpu_shares = number_in(host, "CpuShares").value_or(0);
    facts.memory_mib = number_in(host, "Memory").value_or(0) / bytes_per_mib;
    const json::object& log = object_in(host, "LogConfig");
    facts.log_driver = text_in(log, "Type");
    facts.log_options = pairs_in(object_in(log, "Config"));
    std::string mode = text_in(host, "NetworkMode");
    constexpr std::string_view joined = "container:";
    if (mode.starts_with(joined) && is_container_id(std::string_view(mode).substr(joined.size()))) {
        out.network_owner = mode.substr(joined.size());
    }
    const json::object& network = object_in(*top, "NetworkSettings");
    add_ports(object_in(network, "Ports"), facts);
    add_networks(network, mode, facts);
    add_volumes(array_in(*top, "Mounts"), facts);

    out.compose_project = label(facts, "com.docker.compose.project");
    if (out.compose_project.empty())
        out.compose_project = label(facts, "io.podman.compose.project");
    return out;
}

base::result<std::vector<listed>> read_list(std::string_view text) {
    const auto value = encoding::parse_json(text, document_limits());
    if (!value) return value.error();
    const json::array* top = value->if_array();
    if (!top) return base::invalid("not an array");
    std::vector<listed> out;
    for (const json::value& one : *top) {
        const json::object* entry = one.if_object();
        if (!entry) continue;
        listed container;
        container.id = text_in(*entry, "Id");
        if (!is_container_id(container.id)) continue;
        for (const auto& [name, network] :
             object_in(object_in(*entry, "NetworkSettings"), "Networks")) {
            if (!network.is_object()) continue;
            for (const auto key : {"IPAddress", "GlobalIPv6Address"}) {
                const auto address = base::ip_address::parse(text_in(network.get_object(), key));
                if (address) container.addresses.push_back(*address);
            }
        }
        out.push_back(std::move(container));
    }
    return out;
}

base::result<std::string> read_statistics(std::string_view text) {
    const auto value = encoding::parse_json(text, document_limits());
    if (!value) return value.error();
    if (!value->is_object()) return base::invalid("not an object");
    constexpr std::string_view space = " \t\r\n";
    text.remove_prefix(std::min(text.find_first_not_of(space), text.size()));
    text = text.substr(0, text.find_last_not_of(space) + 1);
    return std::string(text);
}

}  // namespace engine

}  // namespace container
