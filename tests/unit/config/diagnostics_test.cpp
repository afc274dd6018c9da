#include "fake_environment.hpp"
#include "support/catch.hpp"

namespace {

using lines = std::vector<std::string>;

/// A configuration that is right but for the lines that a case puts in. Each part is replaced as a
/// whole; the rest keeps its line numbers as long as the part keeps to one line.
struct parts {
    std::string listeners = "listeners: [{name: imds, serve: imds, address: '127.0.0.1:1338'}]";
    std::string profiles = "profiles: {p: {}}";
    std::string bindings = "bindings: [{user: self, profile: p}]";
    std::string rest = {};

    std::string text() const {
        return "apiVersion: imdsd/v1\n" + listeners + "\n" + profiles + "\n" + bindings + "\n" +
               rest;
    }
};

lines with_rest(const std::string& rest) {
    parts p;
    p.rest = rest;
    return said_about(p.text());
}
lines with_listener(const std::string& listener) {
    parts p;
    p.listeners = "listeners: [" + listener + "]";
    return said_about(p.text());
}
lines with_profile(const std::string& profile, const std::string& rest = "") {
    parts p;
    p.profiles = "profiles: {p: " + profile + "}";
    p.rest = rest;
    return said_about(p.text());
}
lines with_instance(const std::string& instance) {
    return with_profile("{instance: {" + instance + "}}");
}
lines with_binding(const std::string& binding) {
    parts p;
    p.bindings = "bindings: [" + binding + "]";
    return said_about(p.text());
}

const std::string issuer = R"(sources: {local: {type: core}}
issuer:
  accounts:
    "123456789012":
      roles:
        backup:
          path: /team/
          trust_policy: {Version: "2012-10-17", Statement: [{Effect: Allow, Principal: {Service: ec2.amazonaws.com}, Action: ["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"]}]}
)";

lines with_role(const std::string& fields) {
    return with_profile("{" + fields + "}", issuer);
}

const std::string trust =
    R"({Version: "2012-10-17", Statement: [{Effect: Allow, Principal: {Service: ec2.amazonaws.com}, Action: "sts:AssumeRole"}]})";

lines with_issuer_role(const std::string& role) {
    return with_rest("issuer: {accounts: {\"123456789012\": {roles: {r: " + role + "}}}}\n");
}
lines with_user(const std::string& user) {
    return with_rest("issuer: {accounts: {\"123456789012\": {users: {u: " + user + "}}}}\n");
}

}  // namespace

TEST_CASE("The frame of the other cases is right") {
    CHECK(with_rest("") == lines{});
    CHECK(with_role("role: 'arn:aws:iam::123456789012:role/team/backup', source: local") ==
          lines{});
    CHECK(with_issuer_role("{trust_policy: " + trust + "}") == lines{});
}

TEST_CASE("All errors are reported at once in file order") {
    CHECK(said_about("apiVersion: imdsd/v1\n"
                     "bindngs: []\n"
                     "workers: 0\n"
                     "listeners:\n"
                     "  - name: a\n"
                     "    serve: imsd\n"
                     "    address: localhost:80\n") ==
          lines{
              "1:1: warning: there are no bindings: everyone is refused",
              "2:1: unknown key 'bindngs'; did you mean 'bindings'?",
              "3:10: 'workers' must be from 1 to 64",
              "6:12: 'serve' must be imds, sts, container, pod_identity or health; did you mean "
              "'imds'?",
              "7:14: 'address' must be an IP address and a port, such as 127.0.0.1:1338 or "
              "\"[::1]:1338\", not 'localhost:80'",
          });
}

TEST_CASE("YAML that reads differently elsewhere is refused") {
    CHECK(with_rest("workers: 1\nworkers: 2\n") ==
          lines{"6:1: duplicate key 'workers'; it is already on line 5"});
    CHECK(with_rest("workers: 010\n") ==
          lines{"5:10: 'workers' must be a decimal number from 1 to 64"});
    CHECK(with_rest("workers: 0x1\n") ==
          lines{"5:10: 'workers' must be a decimal number from 1 to 64"});
    CHECK(with_rest("workers: '4'\n") ==
          lines{"5:10: 'workers' must be a decimal number from 1 to 64, without quotes"});
    CHECK(with_rest("workers: 99999999999999999999\n") ==
          lines{"5:10: 'workers' must be from 1 to 64"});
    CHECK(with_rest("workers: &w 1\n") == lines{"5:10: anchors are not supported"});
    CHECK(with_rest("workers: !!int 1\n") ==
          lines{"5:10: tags are not supported",
                "5:10: 'workers' must be a decimal number from 1 to 64, without quotes"});
    CHECK(with_rest("compat: {expect: lenient, <<: {}}\n") ==
          lines{"5:27: merge keys are not supported; write the values out"});
    CHECK(with_rest("---\nworkers: 1\n") ==
          lines{"5:1: a file holds one document; remove what follows '---'"});
    CHECK(with_rest("? [a, b]\n: 1\n") == lines{"5:3: keys must be text"});
    CHECK(with_rest("workers:\n") == lines{"5:1: 'workers' has no value"});
    CHECK(with_rest("workers: ~\n") == lines{"5:1: 'workers' has no value"});
    const auto aliased = with_rest("compat: &c {expect: ec2}\nlimits: *c\n");
    CHECK(std::find(aliased.begin(), aliased.end(),
                    "6:9: aliases are not supported; write the value out") != aliased.end());
    CHECK(with_listener("{name: a, serve: imds, address: '127.0.0.1:1', refuse_forwarded_get: "
                        "yes}") == lines{"2:82: 'refuse_forwarded_get' must be true or false"});
    CHECK(with_listener("{name: a, serve: imds, address: '127.0.0.1:1', refuse_forwarded_get: "
                        "'true'}") == lines{"2:82: 'refuse_forwarded_get' must be true or false"});
}

TEST_CASE("Files that are no YAML document are refused with their place") {
    CHECK(said_about("") == lines{"1:1: the file is empty"});
    CHECK(said_about("# only a comment\n") == lines{"1:1: the file is empty"});
    CHECK(said_about("just text") == lines{"1:1: the configuration must be a mapping, not text"});
    CHECK(said_about("- a\n") == lines{"1:1: the configuration must be a mapping, not a list"});
    CHECK(said_about("a: [1, 2\n").size() == 1);
    CHECK(said_about("a: b: c\n") == lines{"1:5: illegal map value"});
    CHECK(said_about("a: \xff\n") == lines{"1:1: not UTF-8 text"});
    CHECK(said_about(std::string("a:\n b\0c", 7)) ==
          lines{"2:3: control characters are not allowed; use \"\\x..\""});
    CHECK(said_about(std::string((1 << 20) + 1, ' ')) == lines{"1:1: bigger than 1048576 bytes"});
    CHECK(said_about(std::string(40, '[') + std::string(40, ']')) ==
          lines{"1:33: nested more than 32 deep"});
    CHECK(said_about(std::string(100'000, '[')).size() == 1);
    std::string many = "a: [";
    for (int i = 0; i < 100'001; ++i)
        many += "1,";
    CHECK(said_about(many + "1]").size() == 1);
}

TEST_CASE("The version comes first") {
    CHECK(said_about("apiVersion: imdsd/v2\nlisteners: 5\n") ==
          lines{"1:13: 'apiVersion' must be imdsd/v1"});
    CHECK(said_about("apiversion: imdsd/v1\n" + parts().text().substr(21)) ==
          lines{"1:1: unknown key 'apiversion'; did you mean 'apiVersion'?",
                "1:1: missing key 'apiVersion' in the configuration"});
}

TEST_CASE("Listeners are checked") {
    CHECK(with_listener("") == lines{"2:12: 'listeners' must be a list of at least one listener"});
    CHECK(with_listener("{}") == lines{"2:13: missing key 'name' in a listener",
                                       "2:13: missing key 'serve' in a listener",
                                       "2:13: missing key 'address' in a listener"});
    CHECK(with_listener("{name: a b, serve: imds, address: '127.0.0.1:1'}") ==
          lines{"2:14: names of listeners are 1 to 64 letters, digits, '_', '.' and '-'"});
    CHECK(with_listener("{name: a, serve: imds, address: '0.0.0.0:80'}") ==
          lines{"2:45: warning: this listens on every address of the host; name one address, or an "
                "'interface'"});
    CHECK(with_listener("{name: a, serve: imds, address: '0.0.0.0:80', interface: lo}") == lines{});
    CHECK(with_listener("{name: a, serve: imds, address: '127.0.0.1:1', interface: a/b}") ==
          lines{"2:60: 'a/b' is no name of a device"});
    CHECK(with_listener("{name: a, serve: imds, address: '127.0.0.1:1', allowed_hosts: ['a b']}") ==
          lines{"2:76: 'a b' is no host name"});
    CHECK(with_listener("{name: a, serve: sts, address: '127.0.0.1:1', refuse_forwarded_get: "
                        "true}") ==
          lines{"2:59: 'refuse_forwarded_get' is for listeners that serve imds"});
    CHECK(with_listener("{name: a, serve: imds, address: '127.0.0.1:1'}, {name: a, serve: sts, "
                        "address: '127.0.0.1:1'}") ==
          lines{"2:62: a listener 'a' exists already: conf.yaml:2",
                "2:83: listener 'a' has the same address"});
    for (const auto* address :
         {"127.0.0.1", "127.0.0.1:", ":80", "127.0.0.1:65536", "127.0.0.1:08", "::1:80", "[::1]",
          "[127.0.0.1]:80", "127.1:80", "a:80", "[::1%lo]:80"}) {
        CAPTURE(address);
        const auto said =
            with_listener("{name: a, serve: imds, address: '" + std::string(address) + "'}");
        REQUIRE(said.size() == 1);
        CHECK(said[0].rfind("2:45: 'address' must be an IP address and a port", 0) == 0);
    }
}

TEST_CASE("Tuning is checked") {
    CHECK(with_rest("limits: {connections: 0, header_time: 10, idle_time: 2h, body: 1}\n") ==
          lines{"5:23: 'connections' must be from 1 to 1000000",
                "5:39: 'header_time': not a duration; write it as 90s, 15m, 1h30m or 2d",
                "5:54: 'idle_time' must be from 1s to 1h", "5:58: unknown key 'body'"});
    CHECK(with_rest("compat: {expect: strict}\n") ==
          lines{"5:18: 'expect' must be lenient or ec2"});
    CHECK(with_rest("sources: {aws: {type: sts}}\n") == lines{"5:23: 'type' must be core"});
    CHECK(with_rest("sources: {aws: {}}\n") == lines{"5:16: missing key 'type' in a source"});
    CHECK(with_rest("sources: [local]\n") ==
          lines{"5:10: 'sources' must be a mapping from names to values, not a list"});
}

TEST_CASE("A profile's role must be one that its source can give") {
    const std::string arn = "role: 'arn:aws:iam::123456789012:role/team/backup'";
    CHECK(with_role(arn) == lines{"3:15: missing key 'source' in a profile"});
    CHECK(with_role(arn + ", source: locla") ==
          lines{"3:76: there is no source 'locla'; did you mean 'local'?"});
    CHECK(with_role("source: local, role: 'arn:aws:iam::123456789012:role/team/bakcup'") ==
          lines{"3:37: account 123456789012 in issuer.accounts has no role 'bakcup'; did you mean "
                "'backup'?"});
    CHECK(with_role("source: local, role: 'arn:aws:iam::123456789012:role/backup'") ==
          lines{"3:37: the role's ARN is arn:aws:iam::123456789012:role/team/backup"});
    CHECK(with_role("source: local, role: 'arn:aws:iam::123456789013:role/team/backup'") ==
          lines{"3:37: issuer.accounts has no account '123456789013'; did you mean "
                "'123456789012'?"});
    CHECK(with_role("source: local, role: 'arn:aws-cn:iam::123456789012:role/team/backup'") ==
          lines{"3:37: the issuer is in partition 'aws', the role in 'aws-cn'"});
    const auto bad = with_role("source: local, role: backup");
    REQUIRE(bad.size() == 1);
    CHECK(bad[0].rfind("3:37: 'backup': ", 0) == 0);
}

TEST_CASE("A profile's session is checked") {
    const std::string arn = "role: 'arn:aws:iam::123456789012:role/team/backup', source: local, ";
    CHECK(with_role(arn + "duration: 14m") == lines{"3:93: 'duration' must be from 15m to 12h"});
    CHECK(with_role(arn + "duration: 2h") ==
          lines{"3:83: 'duration' is longer than the role's max_session_duration, 1h"});
    CHECK(with_role(arn + "duration: 49m") ==
          lines{"3:83: warning: several client libraries treat credentials that live less than 50m "
                "as an outage"});
    CHECK(with_role(arn + "session_name: '{instance-id}-{user}'") ==
          lines{"3:83: unknown placeholder '{user}'; known are {instance-id}, {hostname} and "
                "{profile}"});
    CHECK(with_role(arn + "tags: {a: b}, transitive_tag_keys: [a, c]") ==
          lines{"3:122: 'tags' has no key 'c'"});
    CHECK(with_role(arn + "source_identity: a b") ==
          lines{"3:83: 'source_identity' is 2 to 64 letters, digits and _+=,.@-"});
    CHECK(with_role(arn + "external_id: x") ==
          lines{"3:83: 'external_id' is 2 to 1224 letters, digits and _+=,.@:/-"});
    CHECK(with_role(arn + "instance_profile_name: a b") ==
          lines{"3:83: 'instance_profile_name' is 1 to 128 letters, digits and _+=,.@-"});
    CHECK(with_role(arn + "session_policy: '{\"Version\":'").size() == 1);
    CHECK(with_role(arn + "session_policy: '[]'") ==
          lines{"3:99: 'session_policy' must be a JSON object"});
    CHECK(with_profile("{duration: 1h, tags: {a: b}}") ==
          lines{"3:16: 'duration' needs a 'role' or an 'instance_profile'",
                "3:30: 'tags' needs a 'role' or an 'instance_profile'"});
}

TEST_CASE("Metadata options are checked") {
    CHECK(with_profile("{metadata: {http_endpoint: on, http_tokens: true, hop_limit: 65, "
                       "http_put: x}}") ==
          lines{"3:42: 'http_endpoint' must be enabled or disabled",
                "3:59: 'http_tokens' must be required or optional",
                "3:76: 'hop_limit' must be from 1 to 64", "3:80: unknown key 'http_put'"});
}

TEST_CASE("The instance's identity is checked") {
    const std::pair<const char*, const char*> cases[] = {
        {"id: i-123", "'id' must be auto, or i- and 8 or 17 hex digits"},
        {"image_id: i-01234567", "'image_id' must be auto, or ami- and 8 or 17 hex digits"},
        {"region: US", "'region' must be a region name such as us-east-1"},
        {"region: us-east-1, availability_zone: us-west-1a",
         "'availability_zone' must be a zone of us-east-1"},
        {"availability_zone: here", "'availability_zone' must be a zone name such as us-east-1a"},
        {"architecture: sparc", "'architecture' must be auto, x86_64, arm64 or i386"},
        {"hostname: a_b",
         "'hostname' must be a host name: parts of 1 to 63 letters, digits and, inside, hyphens, "
         "joined by dots"},
        {"hostname: 'a b'", "'hostname' must be printable text without spaces"},
        {"local_ipv4: '::1'", "'local_ipv4' must be an IPv4 address"},
        {"public_ipv4: 10.0.0.300", "'public_ipv4' must be an IPv4 address"},
        {"mac: '02:00'", "'mac' must be six pairs of hex digits, such as 02:00:5e:00:53:01"},
        {"subnet_cidr: 10.0.0.1/24", "'subnet_cidr' must be an IPv4 network such as 10.0.1.0/24"},
        {"life_cycle: forever",
         "'life_cycle' must be on-demand, spot, scheduled or capacity-block"},
        {"account: 000000000042",
         "write the account in quotes to keep its leading zeros: \"000000000042\""},
        {"account: 42", "an account is a number of 12 digits, not '42'"},
        {"user_data: [a]",
         "'user_data' must be text, {file: PATH}, {directory: PATH} or {base64: TEXT}"},
        {"user_data: {file: nowhere}", "cannot read nowhere: No such file or directory"},
        {"public_keys: {k: nokey}",
         "a public key is one line, such as \"ssh-ed25519 AAAA... name\""},
        {"public_keys: {'a b': 'ssh-rsa A'}",
         "names of keys are printable, without spaces and '/'"},
        {"security_group: \"a\\nb\"", "'security_group' must be one line of text"},
        {"instance_type: x", "unknown key 'instance_type'"},
    };
    for (const auto& [instance, message] : cases) {
        CAPTURE(instance);
        const auto said = with_instance(instance);
        REQUIRE(said.size() == 1);
        const auto space = said[0].find(": ");
        CHECK(said[0].substr(space + 2) == message);
    }
    CHECK(with_instance("id: auto, hostname: auto, mac: auto, public_ipv4: 203.0.113.25") ==
          lines{});
    CHECK(with_instance("user_data: " + std::string(16'384, 'x')) == lines{});
    CHECK(with_instance("user_data: " + std::string(16'385, 'x')) ==
          lines{"3:38: 'user_data' is at most 16384 bytes"});
}

TEST_CASE("Tag keys must fit a path once instance metadata shows them") {
    CHECK(with_instance("tags: {'a b': c, 'x/y': z}") == lines{});
    const std::string shown =
        "{metadata: {instance_metadata_tags: enabled}, instance: {tags: {'k': v, 'a:b': c";
    CHECK(with_profile(shown + "}}}") == lines{});
    for (const auto* key : {"a b", "a/b", "..", ".", "_index", "\xc3\xa4"}) {
        CAPTURE(key);
        const auto said = with_profile(shown + ", '" + key + "': x}}}");
        REQUIRE(said.size() == 1);
        CHECK(said[0].rfind("3:97: instance metadata cannot show the tag key '", 0) == 0);
    }
}

TEST_CASE("Bindings are checked") {
    CHECK(with_binding("{user: nemo, profile: p}") == lines{"4:19: there is no user 'nemo'"});
    CHECK(with_binding("{user: '1000', profile: p}") == lines{"4:19: there is no user '1000'"});
    CHECK(with_binding("{user: 1000, profile: p}") == lines{});
    CHECK(with_binding("{user: 0123, profile: p}") ==
          lines{"4:19: 'user' must be a decimal number from 0 to 4294967294"});
    CHECK(with_binding("{user: 4294967295, profile: p}") ==
          lines{"4:19: 'user' must be from 0 to 4294967294"});
    CHECK(with_binding("{user: 65534, profile: p}") ==
          lines{"4:19: warning: uid 65534 stands for users unknown to the kernel: such callers are "
                "always refused"});
    CHECK(with_binding("{group: nogroup, profile: p}") ==
          lines{"4:20: there is no group 'nogroup'"});
    CHECK(with_binding("{user: self}") == lines{"3:12: warning: no binding uses the profile 'p'",
                                                "4:12: missing key 'profile' in a binding"});
    CHECK(with_binding("{profile: p}") ==
          lines{"4:12: a binding needs at least one of user, group, unit, cgroup, source_network, "
                "interface and listener"});
    CHECK(with_binding("{user: self, profile: q}") ==
          lines{"3:12: warning: no binding uses the profile 'p'",
                "4:34: there is no profile 'q'; did you mean 'p'?"});
    CHECK(with_binding("{unit: backup, profile: p}") ==
          lines{"4:19: 'backup' is no name of a unit with a cgroup, such as backup.service"});
    CHECK(with_binding("{unit: system.slice/a.service, profile: p}") ==
          lines{"4:19: 'system.slice/a.service' is no name of a unit with a cgroup, such as "
                "backup.service"});
    CHECK(with_binding("{user_unit: a.service, profile: p}") ==
          lines{"4:13: 'user_unit' needs a 'user': anyone can start a unit of that name"});
    CHECK(with_binding("{cgroup: system.slice/x, profile: p}") ==
          lines{"4:21: 'cgroup' must be a path from the cgroup root, such as "
                "/system.slice/backup*.service"});
    CHECK(with_binding("{source_network: 10.0.0.1/24, profile: p}").size() == 1);
    CHECK(with_binding("{user: self, source_network: 10.0.0.0/24, profile: p}") ==
          lines{"4:12: no caller is both local (user, group, unit, cgroup) and from a network "
                "(source_network, interface)"});
    CHECK(with_binding("{listener: imsd, profile: p}") ==
          lines{"4:23: there is no listener 'imsd'; did you mean 'imds'?"});
    CHECK(with_binding("{user: [], profile: p}") ==
          lines{"4:19: 'user' must not be an empty list"});
    CHECK(with_binding("{user: {a: b}, profile: p}") ==
          lines{"4:19: 'user' must be a value or a list of values, not a mapping"});
    CHECK(with_binding("{user_unit: ~, listener: imds, profile: p}") ==
          lines{"4:13: 'user_unit' has no value"});
    CHECK(with_binding("{user: '', profile: p}") == lines{"4:19: 'user' must not be empty"});
    CHECK(with_binding("self").size() >= 1);
    CHECK(with_binding("") == lines{"4:11: warning: there are no bindings: everyone is refused"});
    parts p;
    p.bindings = "bindings: {user: self, profile: p}";
    CHECK(said_about(p.text()) == lines{"4:11: 'bindings' must be a list"});
}

TEST_CASE("A listener of the issuer takes no binding") {
    parts p;
    p.listeners = "listeners: [{name: sts, serve: sts, address: '127.0.0.1:1340'}]";
    p.bindings = "bindings: [{listener: sts, profile: p}]";
    CHECK(said_about(p.text()) ==
          lines{"4:23: listener 'sts' serves sts: bindings have no say there"});
}

TEST_CASE("The issuer's accounts are checked") {
    CHECK(with_rest("issuer: {accounts: {42: {}}}\n") ==
          lines{"5:21: an account is a number of 12 digits, not '42'"});
    CHECK(with_rest("issuer: {accounts: {000000000000: {}}}\n") ==
          lines{"5:21: write the account in quotes to keep its leading zeros: \"000000000000\""});
    CHECK(with_rest("issuer: {accounts: {123456789012: {role: {}}}}\n") ==
          lines{"5:36: unknown key 'role'; did you mean 'roles'?"});
    CHECK(with_rest("issuer: {region: US, partition: A}\n") ==
          lines{"5:10: 'US' is no region name", "5:22: 'partition' must be a word such as aws"});
    CHECK(with_rest("issuer: {region: us-east-1, regions: [eu-west-1]}\n") ==
          lines{"5:38: 'regions' must contain the issuer's own region, 'us-east-1'"});
    CHECK(with_rest("issuer: {regions: []}\n") == lines{});
    // A misspelt region and one of one's own look alike; the second is said twice.
    for (const std::string name :
         {"nowhere", "dc1-rack-2", "eu-central", "eu-central-1a", "e-w-1"}) {
        CHECK(with_rest("issuer: {region: " + name + "}\n") ==
              lines{"5:10: '" + name +
                    "' is not of the form of AWS's regions, such as "
                    "eu-central-1; a region of your own must be listed in 'regions' as well"});
        CHECK(with_rest("issuer: {region: " + name + ", regions: [" + name + "]}\n") == lines{});
    }
    for (const std::string name :
         {"us-gov-west-1", "us-isob-east-1", "eusc-de-east-1", "mx-central-12"})
        CHECK(with_rest("issuer: {region: " + name + "}\n") == lines{});
    CHECK(with_issuer_role("{}") == lines{"5:49: missing key 'trust_policy' in a role"});
    CHECK(
        with_issuer_role("{max_session_duration: 30m, path: team, trust_policy: " + trust + "}") ==
        lines{"5:72: 'max_session_duration' must be from 1h to 12h",
              "5:77: 'path' must be / or start and end with /, such as /team/"});
    CHECK(with_user("{access_keys: {}}") == lines{"5:63: 'access_keys' must be a list"});
    CHECK(with_user("{access_keys: [{id: ASIAIOSFODNN7EXAMPLE, secret: {env: HOME}}]}").size() ==
          2);
}

TEST_CASE("All inline policies of a user or role have one quota") {
    const auto policies = [](std::size_t each) {
        // 75 characters beside the bucket's name, and white space, which does not count.
        const auto one = [each](const std::string& name) {
            return name + R"(: '{"Statement": {"Effect": "Allow", "Action": "s3:*", )" +
                   R"("Resource": "arn:aws:s3:::)" + std::string(each - 75, 'b') + R"("}}')";
        };
        return "policies: {" + one("p1") + ", " + one("p2") + "}";
    };
    CHECK(with_user("{" + policies(1024) + "}") == lines{});
    CHECK(with_user("{" + policies(1025) + "}") ==
          lines{"5:60: Maximum policy size of 2048 bytes exceeded for user u: its inline policies "
                "have 2050 characters without white space"});
    const std::string trusted = "trust_policy: " + trust + ", ";
    CHECK(with_issuer_role("{" + trusted + policies(5120) + "}") == lines{});
    const auto said = with_issuer_role("{" + trusted + policies(5121) + "}");
    REQUIRE(said.size() == 1);
    CHECK(said[0].find("Maximum policy size of 10240 bytes exceeded for role r: its inline "
                       "policies have 10242 characters") != std::string::npos);
}

TEST_CASE("Policies are for the issuer's partition") {
    const auto policy = [](const std::string& partition) {
        return "{Version: '2012-10-17', Statement: [{Effect: Allow, Action: 's3:*', Resource: "
               "'arn:" +
               partition + ":s3:::b'}]}";
    };
    const auto with_account = [](const std::string& account) {
        return with_rest("issuer: {accounts: {\"123456789012\": {" + account + "}}}\n");
    };
    const std::string text = "Partition \"error\" is not valid for resource \"arn:error:s3:::b\".";
    for (const std::string& account : {"users: {u: {policies: {p: " + policy("error") + "}}}",
                                       "managed_policies: {p: " + policy("error") + "}",
                                       "roles: {r: {trust_policy: " + std::string(trust) +
                                           ", policies: {p: " + policy("error") + "}}}"}) {
        const auto said = with_account(account);
        REQUIRE(said.size() == 1);
        CHECK(said[0].find("'p': " + text) != std::string::npos);
    }
    CHECK(with_account("users: {u: {policies: {p: " + policy("aws") + "}}}") == lines{});
    CHECK(with_account("users: {u: {policies: {p: " + policy("aws-cn") + "}}}").size() == 1);
}

TEST_CASE("Trust policies that do not parse are errors") {
    for (const auto* policy :
         {"'{'", "'{}'", "{Version: \"2012-10-17\", Statement: [{Effect: Allow}]}",
          "{file: nowhere.json}"}) {
        CAPTURE(policy);
        const auto said = with_issuer_role("{trust_policy: " + std::string(policy) + "}");
        REQUIRE(said.size() == 1);
        CHECK((said[0].starts_with("5:64: ") || said[0].starts_with("5:71: ")));
    }
    CHECK(with_issuer_role("{trust_policy: {file: nowhere.json}}") ==
          lines{"5:71: cannot read nowhere.json: No such file or directory"});
    CHECK(with_issuer_role("{trust_policy: {Version: yes, Statement: 010}}") ==
          lines{"5:74: 'yes' is a boolean to some and text to others; quote it, or write true or "
                "false",
                "5:90: '010' is a number to some and text to others; quote it, or write a plain "
                "decimal number"});
}

TEST_CASE("Secrets are never written inline and never shown") {
    const std::string secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
    const auto key = [](const std::string& value) {
        return with_user("{access_keys: [{id: AKIAIOSFODNN7EXAMPLE, secret: " + value + "}]}");
    };
    const auto inline_text = key(secret);
    CHECK(inline_text ==
          lines{"5:99: secrets are not written here; use {file: PATH} or {env: VARIABLE}"});
    CHECK(key("{env: NOWHERE}") == lines{"5:100: the environment has no variable 'NOWHERE'"});
    CHECK(key("{file: a, env: B}") == lines{"5:99: a secret has either 'file' or 'env'"});

    fake_environment from;
    from.files["short"] = "hunter2\n";
    from.files["lines"] = secret + "\nmore\n";
    for (const auto* file : {"short", "lines"}) {
        parts p;
        p.rest =
            "issuer: {accounts: {\"123456789012\": {users: {u: {access_keys: [{id: "
            "AKIAIOSFODNN7EXAMPLE, secret: {file: " +
            std::string(file) + "}}]}}}}}\n";
        const auto said = said_about(p.text(), from);
        CHECK(said == lines{"5:99: the secret must be 16 to 128 printable characters on one "
                            "line"});
    }
}

TEST_CASE("Access key ids are unique over all accounts") {
    fake_environment from;
    from.variables["S"] = "0123456789abcdef";
    parts p;
    p.rest =
        "issuer:\n"
        "  accounts:\n"
        "    '123456789012': {users: {a: {access_keys: [{id: AKIAIOSFODNN7EXAMPLE, secret: "
        "{env: S}}]}}}\n"
        "    '123456789013': {users: {a: {access_keys: [{id: AKIAIOSFODNN7EXAMPLE, secret: "
        "{env: S}}]}}}\n";
    CHECK(said_about(p.text(), from) ==
          lines{"8:49: the access key id 'AKIAIOSFODNN7EXAMPLE' is in use already"});
}

TEST_CASE("Places of files are checked") {
    CHECK(with_rest("audit: {output: stdotu, on_failure: ignore}\n") ==
          lines{"5:17: 'output' must be stdout, journald, none or a path with a '/'",
                "5:37: 'on_failure' must be deny or allow"});
    CHECK(with_rest("audit: {rotate: {size: 1KiB, keep: -1}}\n") ==
          lines{"5:24: 'size' must be a size such as 100MiB, from 64KiB to 1024GiB",
                "5:36: 'keep' must be from 0 to 100000"});
    for (const char* size : {"100", "1MB", "64.5KiB", "-1MiB", "1 MiB", "99999999999999GiB", "[1]"})
        CHECK(with_rest("audit: {rotate: {size: " + std::string(size) + "}}\n").size() == 1);
    CHECK(with_rest("audit: {rotate: {keep: 3}}\n").size() == 1);
    CHECK(with_rest("audit: {output: stdout, rotate: {size: 1MiB}}\n") ==
          lines{"5:33: 'rotate' is for a file; 'output' is stdout"});
    CHECK(with_rest("audit: {output: journald}\n") == lines{});
    CHECK(with_rest("audit: {rotate: {size: 65536}}\n") == lines{});
    CHECK(with_rest("audit: {rotate: {size: 2GiB, keep: 0}}\n") == lines{});
    CHECK(with_rest("admin: {socket: admin.sock, group: nemo}\n") ==
          lines{"5:17: 'socket' must be a path with a '/'", "5:36: there is no group 'nemo'"});
    CHECK(with_rest("admin: {socket: /" + std::string(107, 'x') + "}\n").size() == 1);
    CHECK(with_rest("admin: {socket: /" + std::string(106, 'x') + "}\n") == lines{});
    CHECK(with_rest("state_directory: state\n") ==
          lines{"5:18: 'state_directory' must be a path with a '/'"});
    CHECK(with_rest("state_directory: ~/state\n") ==
          lines{"5:18: '~' is not expanded in 'state_directory'; write the path out"});
    CHECK(with_rest("audit: {output: none}\nadmin: {group: 0}\n") == lines{});
}

TEST_CASE("A profile in its own file is reported under that file's name") {
    fake_environment from;
    from.files["sub/p.yaml"] = "duration: 1h\ninstnce: {}\n";
    parts p;
    p.profiles = "profiles: {p: sub/p.yaml}";
    CHECK(said_about(p.text(), from) ==
          lines{"sub/p.yaml:1:1: 'duration' needs a 'role' or an 'instance_profile'",
                "sub/p.yaml:2:1: unknown key 'instnce'; did you mean 'instance'?"});
    p.profiles = "profiles: {p: none.yaml}";
    CHECK(said_about(p.text(), from) ==
          lines{"3:15: cannot read none.yaml: No such file or directory"});
    from.files["sub/p.yaml"] = "instance: {user_data: {file: data}}\n";
    from.files["sub/data"] = "x";
    p.profiles = "profiles: {p: sub/p.yaml}";
    CHECK(loaded(p.text(), from).profiles.at(0).instance.user_data == "x");
}

TEST_CASE("The number of diagnostics is limited") {
    std::string rest;
    for (int i = 0; i < 5000; ++i)
        rest += "key" + std::to_string(i) + ": 1\n";
    CHECK(with_rest(rest).size() == 200);
}

TEST_CASE("Managed policies and boundaries are checked") {
    const std::string policy =
        "{Version: '2012-10-17', Statement: [{Effect: Allow, Action: 's3:*', Resource: '*'}]}";
    const auto with_account = [&](const std::string& fields) {
        return with_rest("issuer: {accounts: {\"123456789012\": {" + fields + "}}}\n");
    };
    const std::string known = "managed_policies: {/team/readers: " + policy + "}, ";
    CHECK(with_account(known + "users: {a: {managed_policies: [/team/readers], "
                               "permissions_boundary: "
                               "'arn:aws:iam::123456789012:policy/team/readers'}}") == lines{});
    CHECK(with_account(known + "users: {a: {managed_policies: [/team/reader]}}") ==
          lines{"5:190: account 123456789012 has no managed policy '/team/reader'; did you mean "
                "'/team/readers'?"});
    CHECK(with_account("roles: {a: {trust_policy: {Version: '2012-10-17', Statement: [{Effect: "
                       "Allow, Principal: {AWS: '*'}, Action: 'sts:AssumeRole'}]}, "
                       "permissions_boundary: x}}") ==
          lines{"5:190: account 123456789012 has no managed policy 'x'"});
    CHECK(with_account("managed_policies: {'a b': " + policy + "}") ==
          lines{"5:57: a managed policy is named like readers or /team/readers"});
    CHECK(with_account("managed_policies: {x: " + policy + ", /t/X: " + policy + "}") ==
          lines{"5:146: another managed policy has the same name (names ignore case and path)"});
    CHECK(with_account("managed_policies: []") ==
          lines{"5:56: 'managed_policies' must be a mapping from names to policies"});
    CHECK(with_account("root: {access_key: []}").size() == 1);
}

TEST_CASE("The organization is checked") {
    const auto with = [&](const std::string& fields) {
        return with_rest("issuer: {accounts: {\"123456789012\": {}}, organization: {" + fields +
                         "}}\n");
    };
    CHECK(with("management_account: \"123456789012\", features: [root_sessions]") == lines{});
    CHECK(with("features: root_session") ==
          lines{"5:56: missing key 'management_account' in organization",
                "5:67: 'features' must be root_credentials_management or root_sessions; "
                "did you mean 'root_sessions'?"});
    CHECK(with("management_account: \"123456789013\"") ==
          lines{"5:77: issuer.accounts has no account '123456789013'; did you mean "
                "'123456789012'?"});
    CHECK(with("management_account: \"123456789012\", delegated_administrators: [42]").size() == 1);
}

TEST_CASE("A host name is made of labels") {
    const auto hostname = [](const std::string& name) {
        return with_instance("hostname: '" + name + "'").empty();
    };
    const std::string label(63, 'a');
    for (const std::string& good : {std::string("a"), std::string("db-1.example.net"), label + ".b",
                                    std::string("0.example"), label + '.' + label + '.' + label}) {
        CAPTURE(good);
        CHECK(hostname(good));
    }
    for (const std::string& bad :
         {std::string("a..b"), std::string("."), std::string(".a"), std::string("a."), label + "a",
          std::string("-a"), std::string("a-"), std::string("a.-b.c"), std::string("a_b.c"),
          label + '.' + label + '.' + label + '.' + label + ".a"}) {
        CAPTURE(bad);
        CHECK_FALSE(hostname(bad));
    }
    CHECK(with_instance("public_hostname: a..b, public_ipv4: 203.0.113.25") ==
          with_instance("public_hostname: 'a_b', public_ipv4: 203.0.113.25"));
    CHECK_FALSE(with_instance("public_hostname: a..b, public_ipv4: 203.0.113.25").empty());
    CHECK_FALSE(with_instance("services_domain: a..b").empty());
}
