#include "daemon/generation.hpp"

#include <algorithm>
#include <cstring>
#include <ifaddrs.h>
#include <netinet/in.h>

#include "daemon/attached_profile.hpp"
#include "http/target.hpp"
#include "pod_identity/host_check.hpp"

namespace daemon_ {

namespace {

std::string lower(std::string_view text) {
    std::string out(text);
    for (char& c : out) {
        if (c >= 'A' && c <= 'Z') c = char(c + 32);
    }
    return out;
}

void add_own_addresses(std::set<std::string, std::less<>>& hosts) {
    ifaddrs* list = nullptr;
    if (::getifaddrs(&list) != 0) return;
    for (const ifaddrs* at = list; at; at = at->ifa_next) {
        if (!at->ifa_addr) continue;
        if (at->ifa_addr->sa_family == AF_INET) {
            sockaddr_in four;
            std::memcpy(&four, at->ifa_addr, sizeof four);
            hosts.insert(base::ip_address::v4(ntohl(four.sin_addr.s_addr)).text());
        } else if (at->ifa_addr->sa_family == AF_INET6) {
            sockaddr_in6 six;
            std::memcpy(&six, at->ifa_addr, sizeof six);
            std::array<std::uint8_t, 16> bytes;
            std::memcpy(bytes.data(), &six.sin6_addr, bytes.size());
            hosts.insert(base::ip_address::v6(bytes).text());
        }
    }
    ::freeifaddrs(list);
}

/// The names a listener answers to. The service's own link-local addresses are always among them:
/// a client that reaches us by redirection or a proxy setting asks for those, and an address in a
/// Host field cannot be rebound by DNS.
handler::listener_policy make_policy(const config::listener& configured,
                                     const config::compat_options& compat,
                                     const std::string& address_text) {
    handler::listener_policy policy;
    if (configured.serves == config::listener::kind::container) {
        policy.hosts = {"169.254.170.2"};
    } else {
        policy.hosts = {"169.254.169.254", "fd00:ec2::254"};
    }
    policy.options.refuse_forwarded_get = configured.refuse_forwarded_get;
    policy.options.redirect_slashless_directories = compat.redirect_slashless_directories;
    policy.options.close_connections = compat.close_connections;
    if (const auto bound = http::split_host(address_text)) {
        if (const auto address = base::ip_address::parse(bound->host)) {
            policy.hosts.insert(address->text());
            const bool any = address->text() == "0.0.0.0" || address->text() == "::";
            if (any) add_own_addresses(policy.hosts);
            if (any || address->is_loopback()) policy.hosts.insert("localhost");
        }
    }
    for (const std::string& name : configured.allowed_hosts) {
        const auto parts = http::split_host(name);
        policy.hosts.insert(lower(parts ? parts->host : std::string_view(name)));
        policy.more_hosts.emplace_back(pod_identity::bare_host(name));
    }
    return policy;
}

profile::role_profile attached(profile::role_profile configured, const iam::directory& estate) {
    attach_instance_profile(configured, estate);
    return configured;
}

std::shared_ptr<const imds::metadata> make_metadata(const profile::role_profile& configured,
                                                    const live_changes& changes,
                                                    const profile::host_facts& host,
                                                    base::wall_time now) {
    return std::make_shared<const imds::metadata>(changes.apply(profile::resolve(configured, host)),
                                                  now);
}

/// As EC2's own last for about six hours.
constexpr base::seconds instance_credentials_life{6 * 3600};

rotation::assignment instance_assignment(const profile::role_profile& p,
                                         const std::shared_ptr<source::credential_source>& from) {
    const profile::instance_identity& instance = p.instance;
    rotation::assignment entry;
    entry.profile = p.name;
    entry.fingerprint = "instance\n" + instance.account + "\n" + instance.instance_id;
    entry.request.subject = source::credential_subject::instance;
    entry.request.account = instance.account;
    entry.request.session_name = instance.instance_id;
    entry.request.duration = instance_credentials_life;
    entry.from = from;
    return entry;
}

}  // namespace

std::shared_ptr<const handler::serving> make_serving(
    const config::configuration& configuration, const live_changes& changes,
    const iam::directory& estate, const profile::host_facts& host,
    const std::vector<open_listener>& listeners, const container::identifier_mint* mint,
    std::shared_ptr<const handler::pod_serving> pods, std::uint64_t generation,
    base::wall_time now) {
    auto serving = std::make_shared<handler::serving>();
    serving->generation = generation;
    serving->rules = binding::rule_set(configuration.bindings);
    serving->pods = std::move(pods);
    for (const profile::role_profile& p : configuration.profiles) {
        serving->profiles.push_back(make_metadata(attached(p, estate), changes, host, now));
    }
    for (const auto& metadata : serving->profiles)
        serving->faults.push_back(imds::fault_injector::of(metadata->profile()));
    if (std::all_of(serving->faults.begin(), serving->faults.end(),
                    [](const auto& injector) { return !injector; })) {
        serving->faults.clear();
    }
    for (const open_listener& open : listeners) {
        // By name: listeners may have been left out (see open_listeners).
        const auto configured =
            std::find_if(configuration.listeners.begin(), configuration.listeners.end(),
                         [&](const config::listener& l) { return l.name == open.configured.name; });
        if (configured == configuration.listeners.end() ||
            configured->serves == config::listener::kind::sts) {
            continue;
        }
        serving->listeners.emplace(configured->name,
                                   make_policy(*configured, configuration.compat, open.address));
    }
    if (mint) {
        auto identifiers = std::make_shared<std::vector<container::binding_identifiers>>();
        for (const binding::rule& one : serving->rules.rules())
            identifiers->push_back(mint->mint(binding::identity_of(one)));
        serving->identifiers = std::move(identifiers);
    }
    return serving;
}

std::shared_ptr<const handler::serving> follow_changes(const handler::serving& running,
                                                       const config::configuration& configuration,
                                                       const live_changes& changes,
                                                       const iam::directory& estate,
                                                       const profile::host_facts& host,
                                                       base::wall_time now) {
    std::shared_ptr<handler::serving> next;
    for (std::size_t i = 0; i < configuration.profiles.size(); ++i) {
        const profile::role_profile& configured = configuration.profiles[i];
        const profile::role_profile& shown = running.profiles[i]->profile();
        // The clock was set back: nothing was modified in the future.
        const bool dated = running.profiles[i]->since() <= now;
        if (dated && shown.metadata == changes.options_of(configured) &&
            shown.lifecycle == changes.lifecycle_of(configured.name) &&
            is_attached(configured, shown, estate)) {
            continue;
        }
        if (!next) next = std::make_shared<handler::serving>(running);
        next->profiles[i] = make_metadata(attached(configured, estate), changes, host, now);
    }
    return next;
}

void ask_sources(config::configuration& configuration, const source::credential_source& core) {
    const auto& sources = configuration.sources;
    for (profile::role_profile& p : configuration.profiles) {
        const bool from_core =
            std::any_of(sources.begin(), sources.end(), [&](const config::source_options& one) {
                return one.origin == config::source_options::kind::core &&
                       (p.issue.source.empty() || p.issue.source == one.name);
            });
        p.instance_credentials = from_core && core.issues_instance_credentials();
    }
}

assignments make_assignments(const handler::serving& serving,
                             const std::shared_ptr<source::credential_source>& core) {
    assignments made;
    for (std::size_t i = 0; i < serving.profiles.size(); ++i) {
        const profile::role_profile& p = serving.profiles[i]->profile();
        if (!p.granted_role) continue;
        rotation::assignment entry;
        entry.profile = p.name;
        entry.fingerprint = profile::issue_fingerprint(p);
        entry.request.role_arn = p.granted_role->arn;
        entry.request.session_name = profile::session_name(p);
        entry.request.duration = p.issue.duration;
        entry.request.session_policy = p.issue.session_policy;
        entry.request.tags = p.issue.tags;
        entry.request.transitive_tag_keys = p.issue.transitive_tag_keys;
        entry.request.source_identity = p.issue.source_identity;
        entry.request.external_id = p.issue.external_id;
        entry.from = core;
        made.list.push_back(std::move(entry));
        made.owners.push_back({i, source::credential_subject::role});
    }
    for (std::size_t i = 0; i < serving.profiles.size(); ++i) {
        const profile::role_profile& p = serving.profiles[i]->profile();
        if (!p.instance_credentials) continue;
        made.list.push_back(instance_assignment(p, core));
        made.owners.push_back({i, source::credential_subject::instance});
    }
    return made;
}

std::string needs_restart(const config::configuration& running, const config::configuration& next) {
    if (running.listeners.size() != next.listeners.size()) return "the number of listeners";
    for (std::size_t i = 0; i < running.listeners.size(); ++i) {
        const config::listener& a = running.listeners[i];
        const config::listener& b = next.listeners[i];
        if (a.name != b.name || a.serves != b.serves || a.address != b.address ||
            a.port != b.port || a.interface != b.interface || !a.tls != !b.tls) {
            return "listener '" + a.name + "'";
        }
    }
    if (running.workers != next.workers) return "workers";
    if (running.state_directory != next.state_directory) return "state_directory";
    if (running.admin.socket != next.admin.socket) return "admin.socket";
    if (running.admin.group != next.admin.group) return "admin.group";
    if (running.audit.output != next.audit.output ||
        running.audit.on_failure != next.audit.on_failure ||
        running.audit.rotate != next.audit.rotate) {
        return "audit";
    }
    if (!config::same_store(running.store, next.store)) return "issuer.store";
    if (running.first_account != next.first_account) return "issuer.account";
    if (running.key_ring.wrapping_keys != next.key_ring.wrapping_keys)
        return "the wrapping keys of the key ring";
    if (running.container_engine_socket != next.container_engine_socket) return "container_engine";
    if (running.compat.expect_ec2 != next.compat.expect_ec2) return "compat.expect";
    if (running.issuer.partition != next.issuer.partition ||
        running.issuer.default_region != next.issuer.default_region ||
        running.issuer.regions != next.issuer.regions) {
        return "issuer.partition, issuer.region or issuer.regions";
    }
    return {};
}

}  // namespace daemon_
