#include "daemon/environment.hpp"

#include "container/routes.hpp"
#include "http/target.hpp"

namespace daemon_ {

namespace {

constexpr std::string_view container_host = "169.254.170.2";
constexpr std::string_view http_port = "80";

struct place {
    std::string host;  ///< IPv6 literals without brackets
    std::string port;
    bool loopback = false;

    std::string url() const {
        const bool six = host.find(':') != std::string::npos;
        std::string text = "http://" + (six ? "[" + host + "]" : host);
        if (port != http_port) text += ":" + port;
        return text;
    }
};

/// Where a workload reaches a listener; nothing when it cannot, or when that cannot be told.
std::optional<place> place_of(const open_listener& listener, bool from_network) {
    const auto parts = http::split_host(listener.address);
    if (!parts) return std::nullopt;
    const auto address = base::ip_address::parse(parts->host);
    if (!address) return std::nullopt;
    place where{std::string(parts->host), std::string(parts->port), address->is_loopback()};
    if (where.host == "0.0.0.0" || where.host == "::") {
        where.host = where.host == "::" ? "::1" : "127.0.0.1";
        where.loopback = true;
    }
    if (where.loopback && from_network) return std::nullopt;
    return where;
}

bool is_of_network(const binding::rule& rule) {
    return !rule.networks.empty() || !rule.interfaces.empty();
}

class environment_maker {
public:
    explicit environment_maker(const handler::serving& serving) : serving_(serving) {}

    void add_container(const place& where, std::size_t rule) {
        const container::binding_identifiers& own = (*serving_.identifiers)[rule];
        const std::size_t index = serving_.rules.rules()[rule].profile_index;
        const bool role = serving_.profiles[index]->profile().granted_role.has_value();
        const bool well_known = where.host == container_host && where.port == http_port;
        if (role && well_known && relative_.empty())
            relative_ = "/v2/credentials/" + own.credentials_id;
        if (role && !well_known && full_.empty() &&
            (where.loopback || where.host == container_host)) {
            full_ = where.url() + std::string(container::credentials_by_token_path);
            token_ = own.token.reveal();
        }
        if (metadata_.empty() || (well_known && !metadata_well_known_)) {
            metadata_ = where.url();
            endpoint_id_ = own.endpoint_id;
            metadata_well_known_ = well_known;
        }
    }

    void add_imds(const place& where) {
        const bool own = where.host == "169.254.169.254" || where.host == "fd00:ec2::254";
        const bool well_known = own && where.port == http_port;
        imds_well_known_ = imds_well_known_ || well_known;
        if (!well_known && imds_.empty()) imds_ = where.url() + "/";
    }

    std::vector<std::pair<std::string, std::string>> take() {
        std::vector<std::pair<std::string, std::string>> all;
        const auto add = [&all](std::string_view name, std::string value) {
            if (!value.empty()) all.emplace_back(name, std::move(value));
        };
        add("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", relative_);
        add("AWS_CONTAINER_CREDENTIALS_FULL_URI", full_);
        add("AWS_CONTAINER_AUTHORIZATION_TOKEN", token_);
        if (!metadata_.empty()) {
            add("ECS_CONTAINER_METADATA_URI", metadata_ + "/v3/" + endpoint_id_);
            add("ECS_CONTAINER_METADATA_URI_V4", metadata_ + "/v4/" + endpoint_id_);
        }
        // Where SDKs look by themselves nothing need be said.
        if (!imds_well_known_) add("AWS_EC2_METADATA_SERVICE_ENDPOINT", imds_);
        return all;
    }

private:
    const handler::serving& serving_;
    std::string relative_, full_, token_;
    std::string metadata_, endpoint_id_;
    bool metadata_well_known_ = false;
    std::string imds_;
    bool imds_well_known_ = false;
};

}  // namespace

std::vector<std::pair<std::string, std::string>> environment_of(
    const handler::serving& serving, const std::vector<open_listener>& listeners,
    const rule_of_listener& rule_of) {
    environment_maker made(serving);
    for (const open_listener& listener : listeners) {
        const auto kind = listener.configured.serves;
        if (kind != config::listener::kind::container && kind != config::listener::kind::imds)
            continue;
        const auto index = rule_of(listener.configured.name);
        if (!index) continue;
        const binding::rule& rule = serving.rules.rules()[*index];
        const auto where = place_of(listener, is_of_network(rule));
        if (!where) continue;
        if (kind == config::listener::kind::imds) {
            made.add_imds(*where);
        } else if (!is_of_network(rule) || (!rule.networks.empty() && !rule.interfaces.empty())) {
            made.add_container(*where, *index);
        }
    }
    return made.take();
}

}  // namespace daemon_
