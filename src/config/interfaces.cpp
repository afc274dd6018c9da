#include "config/interfaces.hpp"

#include <algorithm>

#include "base/ip_address.hpp"
#include "config/instance_forms.hpp"

namespace config {

namespace {

constexpr std::size_t most_interfaces = 32;  // more than any instance type takes
constexpr std::size_t most_addresses = 64;   // EC2: 50 to an interface
constexpr std::size_t most_groups = 16;      // EC2: 16 to an interface

/// What the keys of one interface are called.
struct spelling {
    std::string_view id, mac, hostname, public_hostname, local_ipv4s, public_ipv4s, ipv6s,
        subnet_id, subnet_block, vpc_id, vpc_blocks, security_groups;
};
constexpr spelling in_instance{"interface_id", "mac",         "hostname", "public_hostname",
                               "local_ipv4",   "public_ipv4", "ipv6",     "subnet_id",
                               "subnet_cidr",  "vpc_id",      "vpc_cidr", "security_groups"};
constexpr spelling in_list{"id",
                           "mac",
                           "hostname",
                           "public_hostname",
                           "local_ipv4s",
                           "public_ipv4s",
                           "ipv6s",
                           "subnet_id",
                           "subnet_ipv4_cidr_block",
                           "vpc_id",
                           "vpc_ipv4_cidr_blocks",
                           "security_groups"};
constexpr std::string_view spelling::*both[] = {
    &spelling::id,           &spelling::mac,
    &spelling::hostname,     &spelling::public_hostname,
    &spelling::local_ipv4s,  &spelling::public_ipv4s,
    &spelling::ipv6s,        &spelling::subnet_id,
    &spelling::subnet_block, &spelling::vpc_id,
    &spelling::vpc_blocks,   &spelling::security_groups};

class interface_reader {
public:
    interface_reader(const instance_fields& from, const spelling& keys, context with)
        : from_(from), keys_(keys), with_(with) {}

    void read(profile::network_interface& into) {
        from_.resource_id(keys_.id, "eni", into.id);
        read_mac(into);
        read_public_hostname(into);
        read_addresses(into);
        read_public_addresses(into);
        from_.resource_id(keys_.subnet_id, "subnet", into.subnet_id);
        from_.word(keys_.subnet_block, into.subnet_ipv4_cidr_block,
                   "an IPv4 network such as 10.0.1.0/24", is_ipv4_block);
        from_.resource_id(keys_.vpc_id, "vpc", into.vpc_id);
        from_.words(keys_.vpc_blocks, into.vpc_ipv4_cidr_blocks,
                    "an IPv4 network such as 10.0.0.0/16", is_ipv4_block, most_addresses);
        read_security_groups(into);
    }

    /// Keys that only the list has.
    void read_more(profile::network_interface& into, unsigned index) {
        const auto& fields = from_.fields;
        into.device_number = index;
        fields.integer<unsigned>("device_number", 0, 255, into.device_number);
        fields.integer<unsigned>("network_card", 0, 31, into.network_card);
        from_.word("hostname", into.hostname, host_name_form, is_host_name);
        if (const node* owner = fields.find("owner_id"))
            if (const auto text = read_text(*owner, "owner_id", with_.out))
                into.owner_id =
                    read_account(*text, owner->plain, owner->at, with_.out).value_or("");
        from_.words("ipv4_prefixes", into.ipv4_prefixes, "an IPv4 prefix such as 10.0.1.32/28",
                    is_ipv4_block, most_addresses);
        read_ipv6_blocks("ipv6_prefixes", into.ipv6_prefixes);
        read_ipv6_blocks("subnet_ipv6_cidr_blocks", into.subnet_ipv6_cidr_blocks);
        read_ipv6_blocks("vpc_ipv6_cidr_blocks", into.vpc_ipv6_cidr_blocks);
    }

private:
    void read_mac(profile::network_interface& into) {
        const auto lower = [](std::string_view text) {
            std::string out(text);
            for (char& c : out)
                if (c >= 'A' && c <= 'F') c = char(c - 'A' + 'a');
            return out;
        };
        from_.word(keys_.mac, into.mac, "six pairs of hex digits, such as 02:00:5e:00:53:01",
                   [&](std::string_view text) { return is_mac(lower(text)); });
        into.mac = lower(into.mac);
    }

    void read_public_hostname(profile::network_interface& into) {
        const node* value = from_.fields.find(keys_.public_hostname);
        if (!value) return;
        if (instance_fields::is_none(*value)) {
            into.public_dns = false;
            return;
        }
        from_.word(keys_.public_hostname, into.public_hostname,
                   std::string("auto, none or ") + host_name_form, is_host_name);
    }

    void read_addresses(profile::network_interface& into) {
        const node* local = from_.fields.find(keys_.local_ipv4s);
        if (local && instance_fields::is_none(*local)) into.ipv6_only = true;
        from_.words(keys_.local_ipv4s, into.local_ipv4s, "an IPv4 address", is_ipv4,
                    most_addresses);
        const node* six = from_.fields.find(keys_.ipv6s);
        if (six && instance_fields::is_auto(*six)) into.host_ipv6 = true;
        from_.words(keys_.ipv6s, into.ipv6s, "auto, none or an IPv6 address", is_ipv6,
                    most_addresses);
        for (std::string& address : into.ipv6s)
            address = canonical_ipv6(address);
    }

    void read_ipv6_blocks(std::string_view key, std::vector<std::string>& into) {
        from_.words(key, into, "an IPv6 network such as 2001:db8:0:1::/64", is_ipv6_block,
                    most_addresses);
        for (std::string& block : into)
            block = canonical_ipv6(block);
    }

    /// Public addresses alone, or each with the private ones that it leads to.
    void read_public_addresses(profile::network_interface& into) {
        const auto key = keys_.public_ipv4s;
        const node* value = from_.fields.find(key);
        if (!value) return;
        if (!value->is_mapping()) {
            std::vector<std::string> alone;
            from_.words(key, alone, "an IPv4 address", is_ipv4, most_addresses);
            for (std::string& address : alone)
                into.public_ipv4s.push_back({std::move(address), {}});
        } else {
            for (const auto& entry : value->entries)
                read_association(entry, into);
            if (value->entries.size() > most_addresses)
                with_.out.error(value->at, quoted(key) + " has more than " +
                                               std::to_string(most_addresses) + " values");
        }
    }

    void read_association(const node::entry& entry, profile::network_interface& into) {
        const auto key = keys_.public_ipv4s;
        if (!is_ipv4(entry.key)) {
            with_.out.error(entry.at, "keys of " + quoted(key) + " must be IPv4 addresses");
            return;
        }
        profile::public_address made{entry.key, {}};
        if (!instance_fields::is_auto(entry.value)) {
            for (const node* item : one_or_more(entry.value, entry.key, with_.out)) {
                const auto& known = into.local_ipv4s;
                if (std::find(known.begin(), known.end(), item->text) == known.end()) {
                    with_.out.error(item->at, quoted(item->text) + " is none of the addresses in " +
                                                  quoted(keys_.local_ipv4s));
                } else {
                    made.local_ipv4s.push_back(item->text);
                }
            }
        }
        into.public_ipv4s.push_back(std::move(made));
    }

    /// name -> id, or names whose ids are made up. Names may hold spaces.
    void read_security_groups(profile::network_interface& into) {
        const auto key = keys_.security_groups;
        const node* value = from_.fields.find(key);
        if (!value) return;
        if (!value->is_mapping()) {
            for (const node* item : one_or_more(*value, key, with_.out))
                add_group({item->text, {}}, item->at, into);
            return;
        }
        if (value->entries.empty()) with_.out.error(value->at, quoted(key) + " must not be empty");
        for (const auto& entry : value->entries) {
            std::string id;
            if (!instance_fields::is_auto(entry.value))
                if (const auto text = read_text(entry.value, entry.key, with_.out))
                    if (from_.check(entry.value, entry.key, *text,
                                    "auto, or sg- and 8 or 17 hex digits",
                                    [](auto v) { return is_resource_id(v, "sg"); }))
                        id = *text;
            add_group({entry.key, id}, entry.at, into);
        }
    }

    void add_group(profile::security_group group, const position& at,
                   profile::network_interface& into) {
        auto& groups = into.security_groups;
        const auto key = quoted(keys_.security_groups);
        if (group.name.empty() || !is_one_line(group.name)) {
            with_.out.error(at, "names in " + key + " must be one line of text");
        } else if (std::any_of(groups.begin(), groups.end(),
                               [&](const auto& g) { return g.name == group.name; })) {
            with_.out.error(at, key + " has " + quoted(group.name) + " twice");
        } else if (groups.size() == most_groups) {
            with_.out.error(at, key + " has more than " + std::to_string(most_groups) + " groups");
        } else {
            groups.push_back(std::move(group));
        }
    }

    const instance_fields& from_;
    const spelling& keys_;
    context with_;
};

/// The older way to name a single group.
void read_single_group(const instance_fields& instance, profile::network_interface& into,
                       context with) {
    const auto& fields = instance.fields;
    const node* name = fields.find("security_group");
    const node* id = fields.find("security_group_id");
    if (!name && !id) return;
    if (fields.find("security_groups")) {
        with.out.error((name ? name : id)->at,
                       "'security_groups' names the groups already, with their ids");
        return;
    }
    profile::security_group group{"default", {}};
    instance.line("security_group", group.name);
    instance.resource_id("security_group_id", "sg", group.id);
    into.security_groups = {std::move(group)};
}

/// What the keys of one interface say together.
void check_whole(const profile::network_interface& one, const position& at, context with) {
    if (one.ipv6_only && one.ipv6s.empty() && !one.host_ipv6)
        with.out.error(at, "an interface without IPv4 needs IPv6 addresses");
    if (one.ipv6_only && !one.public_ipv4s.empty())
        with.out.error(at, "a public IPv4 address needs a private one to lead to");
    if (!one.public_hostname.empty() && one.public_ipv4s.empty())
        with.out.error(at, "a public host name needs a public IPv4 address");
    // EC2 could not give such an address; a program that computes with it would go wrong.
    const auto subnet = base::ip_network::parse(one.subnet_ipv4_cidr_block);
    if (one.subnet_ipv4_cidr_block.empty() || !subnet) return;
    for (const std::string& text : one.local_ipv4s) {
        const auto address = base::ip_address::parse(text);
        if (address && !subnet->contains(*address))
            with.out.warning(at, text + " is not in the subnet's " + subnet->text());
    }
}

/// Things that no two interfaces share.
void check_distinct(const std::vector<profile::network_interface>& all,
                    const std::vector<position>& places, context with) {
    for (std::size_t i = 1; i < all.size(); ++i) {
        for (std::size_t j = 0; j < i; ++j) {
            const auto same = [&](const char* what, const std::string& value) {
                with.out.error(places[i],
                               std::string("two interfaces have the ") + what + " " + value);
            };
            if (!all[i].mac.empty() && all[i].mac == all[j].mac) same("mac", all[i].mac);
            if (!all[i].id.empty() && all[i].id == all[j].id) same("id", all[i].id);
            if (all[i].device_number == all[j].device_number &&
                all[i].network_card == all[j].network_card)
                same("device number", std::to_string(all[i].device_number));
            for (const std::string& address : all[i].local_ipv4s) {
                const auto& others = all[j].local_ipv4s;
                if (std::find(others.begin(), others.end(), address) != others.end())
                    same("address", address);
            }
        }
    }
}

/// The first interface is described in two places.
void check_given_once(const instance_fields& instance, const instance_fields& item, context with) {
    for (const auto key : both) {
        if (!instance.fields.find(in_instance.*key) || !item.fields.find(in_list.*key)) continue;
        with.out.error(item.fields.at(in_list.*key),
                       quoted(in_list.*key) + " of the first interface is " +
                           quoted(in_instance.*key) + " of the instance already");
    }
}

}  // namespace

void read_interfaces(const instance_fields& instance, profile::instance_identity& into,
                     context with) {
    interface_reader(instance, in_instance, with).read(into.primary());
    read_single_group(instance, into.primary(), with);
    const node* list = instance.fields.find("interfaces");
    if (list && instance_fields::is_auto(*list)) {
        into.host_interfaces = true;
        list = nullptr;
    }
    if (!list) {
        check_whole(into.primary(), instance.fields.at(), with);
        return;
    }
    if (!list->is_sequence() || list->items.empty() || list->items.size() > most_interfaces) {
        with.out.error(list->at, "'interfaces' must be auto or a list of 1 to " +
                                     std::to_string(most_interfaces) + " interfaces");
        return;
    }
    std::vector<position> places;
    into.interfaces.resize(list->items.size());
    for (unsigned i = 0; i < list->items.size(); ++i) {
        const instance_fields item(list->items[i], sections::network_interface, with);
        if (i == 0) check_given_once(instance, item, with);
        interface_reader reader(item, in_list, with);
        reader.read(into.interfaces[i]);
        reader.read_more(into.interfaces[i], i);
        if (i > 0 && into.interfaces[i].host_ipv6)
            with.out.error(item.value_at(in_list.ipv6s),
                           "'ipv6s' can be auto for the first interface only");
        places.push_back(list->items[i].at);
        check_whole(into.interfaces[i], places[i], with);
    }
    check_distinct(into.interfaces, places, with);
}

}  // namespace config
