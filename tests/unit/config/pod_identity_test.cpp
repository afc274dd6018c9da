#include "fake_environment.hpp"
#include "support/catch.hpp"

namespace {

using lines = std::vector<std::string>;

const std::string key_set =
    R"({"keys":[{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]})";

fake_environment with_keys(const std::string& text = key_set) {
    fake_environment from;
    from.files["/etc/imdsd/jwks.json"] = text;
    return from;
}

/// A configuration that is right, with parts to replace. Its lines: 2 listeners, 3 profiles,
/// 4 bindings, 5 sources, 6 issuer, 7 pod_identity.
struct parts {
    std::string listener = "{name: pods, serve: pod_identity, address: '169.254.170.23:80'}";
    std::string binding =
        "{listener: pods, source_network: 10.244.0.0/24, interface: cni0, profile: p}, "
        "{user: self, profile: app}";
    std::string cluster =
        "issuer: 'https://k8s.example', jwks: {url: 'https://k8s.example/openid/v1/jwks'}";
    std::string association =
        "{cluster: prod, namespace: default, service_account: app, profile: app}";

    std::string text() const {
        return "apiVersion: imdsd/v1\nlisteners: [" + listener +
               "]\nprofiles: {p: {}, app: {role: 'arn:aws:iam::123456789012:role/app', source: "
               "core}}\nbindings: [" +
               binding +
               "]\nsources: {core: {type: core}}\nissuer: {accounts: {'123456789012': {roles: "
               "{app: "
               "{trust_policy: {Version: '2012-10-17', Statement: [{Effect: Allow, Principal: "
               "{Service: ec2.amazonaws.com}, Action: 'sts:AssumeRole'}]}}}}}}\npod_identity: "
               "{clusters: {prod: {" +
               cluster + "}}, associations: [" + association + "]}\n";
    }
};

lines with_cluster(const std::string& cluster, fake_environment from = with_keys()) {
    parts p;
    p.cluster = cluster;
    return said_about(p.text(), from);
}
lines with_association(const std::string& association) {
    parts p;
    p.association = association;
    return said_about(p.text());
}

/// True when just one thing is said, with that text in it.
bool says(const lines& said, const std::string& text) {
    CAPTURE(said);
    return said.size() == 1 && said[0].find(text) != std::string::npos;
}

const std::string iss = "issuer: 'https://k8s.example', ";

}  // namespace

TEST_CASE("Clusters and associations are read") {
    const auto read = loaded(parts{}.text());
    REQUIRE(read.pods.clusters.size() == 1);
    const auto& cluster = read.pods.clusters[0];
    CHECK(cluster.name == "prod");
    CHECK(cluster.issuer == "https://k8s.example");
    CHECK(cluster.audiences == std::vector<std::string>{"pods.eks.amazonaws.com"});
    CHECK(cluster.keys.url == "https://k8s.example/openid/v1/jwks");
    REQUIRE(read.pods.associations.size() == 1);
    CHECK(read.pods.associations[0].kubernetes_namespace == "default");
    CHECK(read.pods.associations[0].service_account == "app");
    CHECK(read.pods.associations[0].profile == 1);
    CHECK(read.listeners[0].serves == config::listener::kind::pod_identity);
    CHECK(said_about(parts{}.text()).empty());
}

TEST_CASE("Keys come from one place, by a way that can be trusted") {
    CHECK(with_cluster(iss + "jwks: {file: /etc/imdsd/jwks.json}").empty());
    CHECK(with_cluster(iss + "jwks: {url: 'http://127.0.0.1:8001/openid/v1/jwks'}").empty());
    CHECK(
        with_cluster(iss + "jwks: {url: 'https://k/', ca_file: ./ca.pem, token_file: /t}").empty());
    CHECK(says(with_cluster(iss + "jwks: {url: 'http://k8s.example/jwks'}"),
               "must start with https://"));
    CHECK(says(with_cluster(iss + "jwks: {url: 'ftp://k8s.example/jwks'}"), "https:// or http://"));
    CHECK(says(with_cluster(iss + "jwks: {}"), "either a 'url' or a 'file'"));
    CHECK(says(with_cluster(iss + "jwks: {url: 'https://k/', file: /etc/imdsd/jwks.json}"),
               "either a 'url' or a 'file'"));
    CHECK(says(with_cluster(iss + "jwks: {file: /etc/imdsd/jwks.json, ca_file: /ca}"),
               "'ca_file' goes with 'url'"));
    CHECK(says(with_cluster(iss + "jwks: {url: 'https://k/', ca_file: ca.pem}"), "a path"));
    CHECK(says(with_cluster(iss + "jwks: {file: /none/jwks.json}"), "cannot read /none/jwks.json"));
    CHECK(says(with_cluster(iss + "jwks: {file: /etc/imdsd/jwks.json}", with_keys("{}")),
               "no list of 'keys'"));
    CHECK(says(with_cluster(iss + "jwks: {file: /etc/imdsd/jwks.json}",
                            with_keys(R"({"keys":[{"kty":"oct","k":"AA"}]})")),
               "not a public key"));
    auto mixed = key_set;
    mixed.insert(mixed.find('[') + 1, R"({"kty":"oct","kid":"x"},)");
    CHECK(says(with_cluster(iss + "jwks: {file: /etc/imdsd/jwks.json}", with_keys(mixed)),
               "warning: /etc/imdsd/jwks.json: key 1:"));
    CHECK(says(with_cluster(iss + "jwks: {url: 'https://k/', keyfile: x}"), "keyfile"));
}

TEST_CASE("An issuer is named once and in full, an audience is never empty") {
    const std::string jwks = "jwks: {url: 'https://k/'}";
    CHECK(says(with_cluster("issuer: '', " + jwks), "'issuer' must not be empty"));
    CHECK(says(with_cluster("issuer: 'a b', " + jwks), "'issuer' is the `iss`"));
    CHECK(with_cluster(iss + jwks + ", audience: [a, b]").empty());
    CHECK(says(with_cluster(iss + jwks + ", audience: ''"), "'audience' must not be empty"));
    CHECK(says(with_cluster(iss + jwks + ", audience: []"), "empty list"));
    CHECK(says(with_cluster(iss + jwks + "}, dev: {" + iss + jwks), "'prod' has the same issuer"));
}

TEST_CASE("An association names what there is, once") {
    CHECK(says(
        with_association("{cluster: pord, namespace: default, service_account: app, profile: app}"),
        "there is no cluster 'pord'; did you mean 'prod'?"));
    CHECK(says(
        with_association("{cluster: prod, namespace: default, service_account: app, profile: p}"),
        "profile 'p' has no role"));
    CHECK(says(
        with_association("{cluster: prod, namespace: Default, service_account: app, profile: app}"),
        "'Default' is no name of a namespace of Kubernetes"));
    CHECK(says(with_association(
                   "{cluster: prod, namespace: default, service_account: 'a*', profile: app}"),
               "'a*' is no name of a service account of Kubernetes"));
    const std::string one = parts{}.association;
    CHECK(says(with_association(one + ", " + one),
               "an association for service account 'default/app' already"));
    CHECK(with_association("").empty());
}

TEST_CASE("Listener, bindings and pod_identity belong together") {
    parts p;
    p.binding = "{listener: pods, source_network: 10.244.0.0/24, profile: p}";
    CHECK(says(said_about(p.text()), "needs both source_network and interface there"));
    p.binding = "{user: self, profile: p}";
    CHECK(says(said_about(p.text()), "no binding names listener 'pods'"));
    p = {};
    p.listener = "{name: pods, serve: pod_identity, address: '127.0.0.1:8080'}";
    CHECK(says(said_about(p.text()), "clients that ask for 127.0.0.1 need it in 'allowed_hosts'"));
    p.listener =
        "{name: pods, serve: pod_identity, address: '127.0.0.1:8080', allowed_hosts: [127.0.0.1]}";
    CHECK(said_about(p.text()).empty());
    p.listener = "{name: pods, serve: imds, address: '127.0.0.1:8080'}";
    CHECK(says(said_about(p.text()), "no listener serves pod_identity"));
    const auto text = parts{}.text();
    const auto without = said_about(text.substr(0, text.find("\npod_identity: {") + 1));
    CHECK(says(without, "listener 'pods' serves pod_identity, and there is no 'pod_identity'"));
    p = {};
    p.listener += ", {name: probes, serve: health, address: '127.0.0.1:2703'}";
    CHECK(said_about(p.text()).empty());
    p.binding += ", {listener: probes, profile: p}";
    CHECK(says(said_about(p.text()), "serves health: bindings have no say there"));
}
