#include <algorithm>
#include <set>
#include <tuple>

#include "base/ip_address.hpp"
#include "config/sections.hpp"
#include "http/url.hpp"
#include "jose/jwk.hpp"
#include "pod_identity/host_check.hpp"
#include "pod_identity/service_account.hpp"

namespace config {

namespace {

constexpr std::size_t most_clusters = 16;
constexpr std::size_t most_associations = 10'000;
constexpr std::size_t most_audiences = 8;
constexpr std::size_t longest_issuer = 2048;
constexpr std::size_t longest_audience = 1024;

bool is_printable(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) { return c > 0x20 && c < 0x7f; });
}

void read_issuer_name(const mapping& fields, const configuration& so_far,
                      pod_identity::cluster& one, context with) {
    if (!fields.require("issuer")) return;
    fields.text("issuer", one.issuer);
    if (one.issuer.empty()) return;  // which has been reported
    if (one.issuer.size() > longest_issuer || !is_printable(one.issuer)) {
        with.out.error(fields.at("issuer"),
                       "'issuer' is the `iss` of the cluster's tokens, such as "
                       "https://kubernetes.default.svc.cluster.local");
    }
    for (const pod_identity::cluster& other : so_far.pods.clusters) {
        // The issuer tells whose keys count.
        if (other.issuer == one.issuer)
            with.out.error(fields.at("issuer"),
                           "cluster " + quoted(other.name) + " has the same issuer");
    }
}

void read_url(const mapping& keys, pod_identity::key_place& place, context with) {
    keys.text("url", place.url);
    if (place.url.empty()) return;
    const auto url = http::parse_url(place.url);
    if (!url) {
        with.out.error(keys.at("url"), "'url': " + url.error().message);
    } else if (!url->secure) {
        const auto address = base::ip_address::parse(url->host);
        if (!address || !address->is_loopback())
            with.out.error(keys.at("url"),
                           "'url' must start with https://: keys that anyone on the way can "
                           "replace prove nothing (http:// is for loopback addresses)");
    }
    if (auto path = read_path(keys, "ca_file", "a path with a '/'", with))
        place.ca_file = std::move(*path);
    if (auto path = read_path(keys, "token_file", "a path with a '/'", with))
        place.token_file = std::move(*path);
}

void read_key_file(const mapping& keys, pod_identity::key_place& place, context with) {
    for (const char* key : {"ca_file", "token_file"}) {
        if (keys.find(key))
            with.out.error(keys.at(key), quoted(key) + " goes with 'url', not with 'file'");
    }
    auto path = read_path(keys, "file", "a path with a '/'", with);
    if (!path) return;
    place.file = std::move(*path);
    const auto text = with.from.read_file(place.file);
    const auto set = text ? jose::read_jwk_set(*text) : base::result<jose::jwk_set>(text.error());
    if (!set) {
        with.out.error(keys.at("file"),
                       (text ? place.file + ": " : std::string()) + set.error().message);
        return;
    }
    for (const std::string& reason : set->left_out)
        with.out.warning(keys.at("file"), place.file + ": " + reason + "; it is not used");
}

void read_keys(const mapping& fields, pod_identity::key_place& place, context with) {
    const node* value = fields.require("jwks");
    if (!value) return;
    const mapping keys(*value, sections::jwks, with.out);
    const bool url = keys.find("url");
    if (url == bool(keys.find("file"))) {
        with.out.error(value->at, "'jwks' needs either a 'url' or a 'file'");
    } else if (url) {
        read_url(keys, place, with);
    } else {
        read_key_file(keys, place, with);
    }
}

void read_audiences(const mapping& fields, pod_identity::cluster& one, context with) {
    const node* value = fields.find("audience");
    if (!value) {
        one.audiences = {pod_identity::usual_audience};
        return;
    }
    one.audiences = read_texts(*value, "audience", with.out);
    if (one.audiences.size() > most_audiences) {
        with.out.error(value->at,
                       "'audience' has more than " + std::to_string(most_audiences) + " values");
    }
    for (const std::string& audience : one.audiences) {
        if (audience.size() > longest_audience)
            with.out.error(value->at, "an audience is at most " + std::to_string(longest_audience) +
                                          " characters");
    }
}

void read_cluster(const node::entry& entry, configuration& into, context with) {
    if (!is_plain_name(entry.key)) {
        with.out.error(entry.at, "names of clusters are 1 to 64 letters, digits, '_', '.' and '-'");
    }
    const mapping fields(entry.value, sections::cluster, with.out);
    pod_identity::cluster one;
    one.name = entry.key;
    read_issuer_name(fields, into, one, with);
    read_audiences(fields, one, with);
    read_keys(fields, one.keys, with);
    into.pods.clusters.push_back(std::move(one));
}

/// Index of the thing that `key` names; reports a name that there is not.
template <class Thing>
std::optional<std::size_t> index_of(const mapping& fields, std::string_view key, const char* what,
                                    const std::vector<Thing>& things, context with) {
    const node* value = fields.require(key);
    const auto name = value ? read_text(*value, key, with.out) : std::nullopt;
    if (!name) return std::nullopt;
    std::vector<std::string_view> known;
    for (std::size_t i = 0; i < things.size(); ++i) {
        if (things[i].name == *name) return i;
        known.push_back(things[i].name);
    }
    with.out.error(value->at, std::string("there is no ") + what + " " + quoted(*name) +
                                  suggestion(*name, known));
    return std::nullopt;
}

class association_reader {
public:
    association_reader(configuration& into, context with) : into_(into), with_(with) {}

    void read(const node& value) {
        const mapping fields(value, sections::association, with_.out);
        pod_identity::association one;
        one.where = with_.out.file(value.at) + ":" + std::to_string(value.at.line);
        const auto cluster = index_of(fields, "cluster", "cluster", into_.pods.clusters, with_);
        const auto profile = index_of(fields, "profile", "profile", into_.profiles, with_);
        const bool named = read_name(fields, "namespace", "a namespace of Kubernetes",
                                     pod_identity::is_namespace, one.kubernetes_namespace) &
                           read_name(fields, "service_account", "a service account of Kubernetes",
                                     pod_identity::is_service_account_name, one.service_account);
        if (profile && !into_.profiles[*profile].granted_role) {
            with_.out.error(fields.at("profile"), "profile " +
                                                      quoted(into_.profiles[*profile].name) +
                                                      " has no role: there is nothing to hand out");
        }
        if (!cluster || !profile || !named) return;
        if (!seen_.emplace(*cluster, one.kubernetes_namespace, one.service_account).second) {
            with_.out.error(value.at,
                            "there is an association for service account " +
                                quoted(one.kubernetes_namespace + "/" + one.service_account) +
                                " already");
        }
        one.cluster = *cluster;
        one.profile = *profile;
        into_.pods.associations.push_back(std::move(one));
    }

private:
    bool read_name(const mapping& fields, std::string_view key, const char* what,
                   bool (*fits)(std::string_view), std::string& name) {
        if (!fields.require(key)) return false;
        fields.text(key, name);
        if (fits(name)) return true;
        with_.out.error(fields.at(key), quoted(name) + " is no name of " + what);
        return false;
    }

    configuration& into_;
    context with_;
    std::set<std::tuple<std::size_t, std::string, std::string>> seen_;
};

bool serves_pods(const listener& one) {
    return one.serves == listener::kind::pod_identity;
}

bool answers_to_own_address(const listener& one) {
    const auto known = [&](std::string_view host) { return host == one.address; };
    return known(pod_identity::agent_address_v4) || known(pod_identity::agent_address_v6) ||
           std::any_of(
               one.allowed_hosts.begin(), one.allowed_hosts.end(),
               [&](const std::string& host) { return known(pod_identity::bare_host(host)); });
}

}  // namespace

void read_pod_identity(const mapping& top, configuration& into, context with) {
    const node* value = top.find("pod_identity");
    if (!value) return;
    const mapping fields(*value, sections::pod_identity, with.out);
    if (const node* clusters = fields.require("clusters")) {
        each_named(*clusters, "clusters", with.out,
                   [&](const node::entry& entry) { read_cluster(entry, into, with); });
        if (into.pods.clusters.size() > most_clusters)
            with.out.error(clusters->at,
                           "more than " + std::to_string(most_clusters) + " clusters");
    }
    const node* list = fields.require("associations");
    if (!list) return;
    if (!list->is_sequence()) {
        with.out.error(list->at, "'associations' must be a list");
        return;
    }
    if (list->items.size() > most_associations) {
        with.out.error(list->at,
                       "more than " + std::to_string(most_associations) + " associations");
        return;
    }
    association_reader reader(into, with);
    for (const node& item : list->items)
        reader.read(item);
}

void check_pod_listeners(const mapping& top, const configuration& read, context with) {
    const bool configured = top.find("pod_identity");
    bool served = false;
    for (const listener& one : read.listeners) {
        if (!serves_pods(one)) continue;
        served = true;
        const position at = top.at("listeners");
        if (!configured) {
            with.out.error(at, "listener " + quoted(one.name) +
                                   " serves pod_identity, and there is no 'pod_identity'");
        }
        if (!one.address.empty() && !answers_to_own_address(one)) {
            with.out.warning(
                at, "listener " + quoted(one.name) +
                        " answers to the hosts 169.254.170.23 and fd00:ec2::23 alone; clients "
                        "that ask for " +
                        one.address + " need it in 'allowed_hosts'");
        }
        const bool admitted =
            std::any_of(read.bindings.begin(), read.bindings.end(), [&](const binding::rule& rule) {
                return std::find(rule.listeners.begin(), rule.listeners.end(), one.name) !=
                       rule.listeners.end();
            });
        if (!admitted) {
            with.out.warning(at, "no binding names listener " + quoted(one.name) +
                                     ": every pod is refused there");
        }
    }
    if (configured && !served) {
        with.out.warning(top.at("pod_identity"),
                         "no listener serves pod_identity: 'pod_identity' has no effect");
    }
}

}  // namespace config
