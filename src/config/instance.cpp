#include <algorithm>

#include "aws/arn.hpp"
#include "base/ip_address.hpp"
#include "config/json_value.hpp"
#include "config/sections.hpp"
#include "profile/place.hpp"

namespace config {

namespace {

constexpr std::size_t longest_value = 255;
constexpr std::size_t most_user_data = 16 * 1024;  // EC2: RunInstances, UserData
// EC2: tag restrictions.
constexpr pair_limits tag_limits{50, 128, 256};
constexpr pair_limits public_key_limits{16, 255, 8192};

bool is_hex(std::string_view text) {
    return std::all_of(text.begin(), text.end(),
                       [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

/// "i-" and 8 or 17 hex digits: the old and the new form.
bool is_resource_id(std::string_view text, std::string_view kind) {
    if (!text.starts_with(kind) || text.substr(kind.size(), 1) != "-") return false;
    const auto digits = text.substr(kind.size() + 1);
    return (digits.size() == 8 || digits.size() == 17) && is_hex(digits);
}

/// One line of printable ASCII without spaces: what the tree can show and a shell can read.
bool is_word(std::string_view text) {
    return text.size() <= longest_value &&
           std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < 0x7f; });
}

bool is_host_name(std::string_view text) {
    return text.size() <= 253 && std::all_of(text.begin(), text.end(), [](char c) {
               return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                      c == '-' || c == '.';
           });
}

bool is_mac(std::string_view text) {
    if (text.size() != 17) return false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (i % 3 == 2 ? text[i] != ':' : !is_hex(text.substr(i, 1))) return false;
    }
    return true;
}

bool is_ipv4(const std::string& text) {
    const auto address = base::ip_address::parse(text);
    return address && address->is_v4() && address->text() == text;
}

bool is_ipv4_block(const std::string& text) {
    return text.find('/') != std::string::npos && text.find(':') == std::string::npos &&
           base::ip_network::parse(text).has_value();
}

class instance_reader {
public:
    instance_reader(const node& value, context with)
        : fields_(value, sections::instance, with.out), with_(with) {}

    void read(profile::role_profile& profile) {
        auto& instance = profile.instance;
        read_ids(instance);
        read_place(instance);
        read_host(instance);
        word("type", instance.instance_type);
        word("life_cycle", instance.life_cycle);
        check("life_cycle", instance.life_cycle, "on-demand, spot, scheduled or capacity-block",
              [](const auto& v) {
                  return v == "on-demand" || v == "spot" || v == "scheduled" ||
                         v == "capacity-block";
              });
        if (const node* account = fields_.find("account"); account && !is_auto(*account))
            if (const auto text = read_text(*account, "account", with_.out))
                instance.account =
                    read_account(*text, account->plain, account->at, with_.out).value_or("");
        read_user_data(instance);
        if (const node* tags = fields_.find("tags")) {
            instance.tags = read_pairs(*tags, "tags", tag_limits, with_.out);
            if (profile.metadata.instance_metadata_tags) check_tag_keys(*tags);
        }
        if (const node* keys = fields_.find("public_keys")) read_public_keys(*keys, instance);
    }

private:
    static bool is_auto(const node& value) { return value.is_scalar() && value.text == "auto"; }

    /// Text without spaces; `auto` leaves it empty.
    void word(std::string_view key, std::string& into) {
        const node* value = fields_.find(key);
        if (!value || is_auto(*value)) return;
        fields_.text(key, into);
        if (!is_word(into))
            with_.out.error(value->at, quoted(key) + " must be printable text without spaces");
    }

    template <class Test>
    void check(std::string_view key, const std::string& value, const std::string& form, Test test) {
        if (!value.empty() && is_word(value) && !test(value))
            with_.out.error(value_at(key), quoted(key) + " must be " + form);
    }

    position value_at(std::string_view key) const {
        const node* value = fields_.find(key);
        return value ? value->at : fields_.at();
    }

    void read_ids(profile::instance_identity& instance) {
        const std::tuple<std::string_view, std::string_view, std::string*> ids[] = {
            {"id", "i", &instance.instance_id},
            {"image_id", "ami", &instance.image_id},
            {"vpc_id", "vpc", &instance.vpc_id},
            {"subnet_id", "subnet", &instance.subnet_id},
            {"interface_id", "eni", &instance.interface_id},
            {"security_group_id", "sg", &instance.security_group_id},
            {"reservation_id", "r", &instance.reservation_id},
        };
        for (const auto& [key, kind, into] : ids) {
            word(key, *into);
            check(key, *into, "auto, or " + std::string(kind) + "- and 8 or 17 hex digits",
                  [kind = kind](const auto& v) { return is_resource_id(v, kind); });
        }
        // Names of security groups may hold spaces.
        if (const node* group = fields_.find("security_group"); group && !is_auto(*group)) {
            fields_.text("security_group", instance.security_group);
            const auto& name = instance.security_group;
            if (name.size() > longest_value ||
                std::any_of(name.begin(), name.end(), [](char c) { return c >= 0 && c < ' '; }))
                with_.out.error(group->at, "'security_group' must be one line of text");
        }
    }

    void read_place(profile::instance_identity& instance) {
        word("region", instance.region);
        check("region", instance.region, "a region name such as us-east-1",
              [](const auto& v) { return aws::is_region(v); });
        word("availability_zone", instance.availability_zone);
        check("availability_zone", instance.availability_zone,
              instance.region.empty() ? "a zone name such as us-east-1a"
                                      : "a zone of " + instance.region,
              [&](const auto& v) {
                  if (instance.region.empty()) return !profile::region_of_zone(v).empty();
                  return v.size() > instance.region.size() && v.starts_with(instance.region);
              });
        word("availability_zone_id", instance.availability_zone_id);
    }

    void read_host(profile::instance_identity& instance) {
        word("architecture", instance.architecture);
        check("architecture", instance.architecture, "auto, x86_64, arm64 or i386",
              [](const auto& v) { return v == "x86_64" || v == "arm64" || v == "i386"; });
        word("hostname", instance.hostname);
        check("hostname", instance.hostname, "a host name", is_host_name);
        word("local_ipv4", instance.local_ipv4);
        check("local_ipv4", instance.local_ipv4, "an IPv4 address", is_ipv4);
        word("public_ipv4", instance.public_ipv4);
        check("public_ipv4", instance.public_ipv4, "an IPv4 address", is_ipv4);
        word("mac", instance.mac);
        for (char& c : instance.mac)
            if (c >= 'A' && c <= 'F') c = char(c - 'A' + 'a');
        check("mac", instance.mac, "six pairs of hex digits, such as 02:00:5e:00:53:01", is_mac);
        word("subnet_cidr", instance.subnet_cidr);
        check("subnet_cidr", instance.subnet_cidr, "an IPv4 network such as 10.0.1.0/24",
              is_ipv4_block);
        word("vpc_cidr", instance.vpc_cidr);
        check("vpc_cidr", instance.vpc_cidr, "an IPv4 network such as 10.0.0.0/16", is_ipv4_block);
    }

    void read_user_data(profile::instance_identity& instance) {
        const node* value = fields_.find("user_data");
        if (!value) return;
        if (value->is_scalar()) {
            instance.user_data = value->text;
        } else if (value->is_mapping() && value->entries.size() == 1 &&
                   value->entries[0].key == "file") {
            const node& path = value->entries[0].value;
            if (const auto name = read_text(path, "file", with_.out))
                instance.user_data = read_file_value(*name, path.at, with_);
        } else {
            with_.out.error(value->at, "'user_data' must be text or {file: PATH}");
        }
        if (instance.user_data && instance.user_data->size() > most_user_data) {
            with_.out.error(value->at,
                            "'user_data' is at most " + std::to_string(most_user_data) + " bytes");
        }
    }

    /// EC2: a key is part of a path once instance metadata shows tags.
    void check_tag_keys(const node& tags) {
        for (const auto& entry : tags.entries) {
            const auto& key = entry.key;
            const bool good = std::all_of(key.begin(), key.end(), [](char c) {
                return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       std::string_view("+-=.,_:@").find(c) != std::string_view::npos;
            });
            if (!good || key == "." || key == ".." || key == "_index") {
                with_.out.error(entry.at, "instance metadata cannot show the tag key " +
                                              quoted(key) +
                                              ": keys are letters, digits and +-=.,_:@, and not "
                                              "'.', '..' or '_index'");
            }
        }
    }

    void read_public_keys(const node& value, profile::instance_identity& instance) {
        instance.public_keys = read_pairs(value, "public_keys", public_key_limits, with_.out);
        if (!value.is_mapping()) return;
        for (const auto& entry : value.entries) {
            // Listed as "0=name".
            if (!is_word(entry.key) || entry.key.find('/') != std::string::npos)
                with_.out.error(entry.at, "names of keys are printable, without spaces and '/'");
            const auto& text = entry.value.text;
            const bool one_line = text.find_first_of("\r\n") == std::string::npos;
            if (!one_line || text.find(' ') == std::string::npos)
                with_.out.error(entry.value.at,
                                "a public key is one line, such as \"ssh-ed25519 AAAA... name\"");
        }
    }

    mapping fields_;
    context with_;
};

}  // namespace

void read_instance(const node& value, profile::role_profile& into, context with) {
    instance_reader(value, with).read(into);
}

}  // namespace config
