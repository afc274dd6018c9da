#include <algorithm>
#include <charconv>

#include "base/ip_address.hpp"
#include "base/secret.hpp"
#include "config/json_value.hpp"
#include "config/sections.hpp"

namespace config {

namespace {

constexpr std::size_t most_listeners = 64;
constexpr std::size_t longest_host = 255;

struct endpoint {
    base::ip_address address;
    std::uint16_t port = 0;
};

std::optional<std::uint16_t> parse_port(std::string_view text) {
    std::uint16_t port = 0;
    const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), port);
    if (failed != std::errc{} || end != text.data() + text.size() || std::to_string(port) != text) {
        return std::nullopt;
    }
    return port;
}

/// "127.0.0.1:80" or "[::1]:80"
std::optional<endpoint> parse_endpoint(std::string_view text) {
    const auto colon = text.rfind(':');
    if (colon == std::string_view::npos) return std::nullopt;
    auto host = text.substr(0, colon);
    const bool brackets = host.size() > 2 && host.front() == '[' && host.back() == ']';
    if (brackets) host = host.substr(1, host.size() - 2);
    const bool six = host.find(':') != std::string_view::npos;
    const auto address = base::ip_address::parse(host);
    const auto port = parse_port(text.substr(colon + 1));
    if (!address || !port || six != brackets) return std::nullopt;
    return endpoint{*address, *port};
}

bool is_host(std::string_view text) {
    return !text.empty() && text.size() <= longest_host &&
           std::all_of(text.begin(), text.end(), [](char c) {
               return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                      std::string_view(".-_:[]").find(c) != std::string_view::npos;
           });
}

bool is_any_address(const base::ip_address& address) {
    return address == base::ip_address() || address == base::ip_address::v4(0);
}

void read_address(const mapping& entry, listener& one, context with) {
    const node* value = entry.require("address");
    const auto text = value ? read_text(*value, "address", with.out) : std::nullopt;
    if (!text) return;
    const auto at = parse_endpoint(*text);
    if (!at) {
        with.out.error(value->at,
                       "'address' must be an IP address and a port, such as 127.0.0.1:1338 or "
                       "\"[::1]:1338\", not " +
                           quoted(*text));
        return;
    }
    one.address = at->address.text();
    one.port = at->port;
    if (is_any_address(at->address) && one.interface.empty()) {
        with.out.warning(value->at,
                         "this listens on every address of the host; name one address, or an "
                         "'interface'");
    }
}

/// A file's text; the caller wipes it when it is secret.
std::optional<std::string> read_pem(const mapping& fields, std::string_view key, context with) {
    const node* value = fields.require(key);
    if (!value) return std::nullopt;
    const auto path = read_text(*value, key, with.out);
    return path ? read_file_value(*path, value->at, with) : std::nullopt;
}

void read_tls(const node& value, listener& one, context with) {
    const mapping fields(value, sections::tls, with.out);
    const auto certificates = read_pem(fields, "certificate", with);
    auto key = read_pem(fields, "key", with);
    if (certificates && key) {
        auto made = net::tls_identity::make(*certificates, *key);
        if (made)
            one.tls = std::move(*made);
        else
            with.out.error(value.at, made.error().message);
    }
    if (key) base::wipe(key->data(), key->size());
}

void check_unique(const configuration& so_far, const listener& one, const mapping& entry,
                  context with) {
    for (const listener& other : so_far.listeners) {
        if (!one.name.empty() && other.name == one.name) {
            with.out.error(entry.at("name"),
                           "a listener " + quoted(one.name) + " exists already: " + other.where);
        }
        if (!one.address.empty() && one.port != 0 && other.address == one.address &&
            other.port == one.port && other.interface == one.interface) {
            with.out.error(entry.at("address"),
                           "listener " + quoted(other.name) + " has the same address");
        }
    }
}

void read_listener(const node& value, configuration& into, context with) {
    const mapping entry(value, sections::listener, with.out);
    listener one;
    one.where = with.out.file(value.at) + ":" + std::to_string(value.at.line);
    if (entry.require("name")) entry.text("name", one.name);
    if (!one.name.empty() && !is_plain_name(one.name)) {
        with.out.error(entry.at("name"),
                       "names of listeners are 1 to 64 letters, digits, '_', '.' and '-'");
    }
    if (entry.require("serve"))
        entry.choice<listener::kind>("serve",
                                     {{"imds", listener::kind::imds},
                                      {"sts", listener::kind::sts},
                                      {"container", listener::kind::container},
                                      {"pod_identity", listener::kind::pod_identity},
                                      {"health", listener::kind::health}},
                                     one.serves);
    entry.text("interface", one.interface);
    if (!one.interface.empty() && !is_interface_name(one.interface))
        with.out.error(entry.at("interface"), quoted(one.interface) + " is no name of a device");
    read_address(entry, one, with);
    if (const node* hosts = entry.find("allowed_hosts"))
        for (const node* host : one_or_more(*hosts, "allowed_hosts", with.out)) {
            if (is_host(host->text))
                one.allowed_hosts.push_back(host->text);
            else
                with.out.error(host->at, quoted(host->text) + " is no host name");
        }
    entry.boolean("refuse_forwarded_get", one.refuse_forwarded_get);
    if (one.serves != listener::kind::imds && entry.find("refuse_forwarded_get"))
        with.out.error(entry.at("refuse_forwarded_get"),
                       "'refuse_forwarded_get' is for listeners that serve imds");
    if (const node* tls = entry.find("tls")) {
        if (one.serves == listener::kind::sts)
            read_tls(*tls, one, with);
        else
            with.out.error(tls->at, "'tls' is for listeners that serve sts");
    }
    check_unique(into, one, entry, with);
    into.listeners.push_back(std::move(one));
}

}  // namespace

const char* to_string(listener::kind kind) {
    switch (kind) {
        case listener::kind::imds:
            return "imds";
        case listener::kind::sts:
            return "sts";
        case listener::kind::container:
            return "container";
        case listener::kind::pod_identity:
            return "pod_identity";
        case listener::kind::health:
            return "health";
    }
    return "unknown";
}

void read_listeners(const mapping& top, configuration& into, context with) {
    const node* list = top.require("listeners");
    if (!list) return;
    if (!list->is_sequence() || list->items.empty()) {
        with.out.error(list->at, "'listeners' must be a list of at least one listener");
        return;
    }
    if (list->items.size() > most_listeners) {
        with.out.error(list->at, "more than " + std::to_string(most_listeners) + " listeners");
        return;
    }
    for (const node& item : list->items)
        read_listener(item, into, with);
}

void read_tuning(const mapping& top, configuration& into, context with) {
    top.integer<unsigned>("workers", 1, 64, into.workers);
    if (const node* value = top.find("limits")) {
        const mapping limits(*value, sections::limits, with.out);
        constexpr std::size_t most_connections = 1'000'000;
        limits.integer<std::size_t>("connections", 1, most_connections, into.limits.connections);
        limits.integer<std::size_t>("per_peer", 1, most_connections, into.limits.per_peer);
        constexpr base::seconds shortest{1}, longest{3600};
        limits.duration("header_time", shortest, longest, into.limits.header_time);
        limits.duration("idle_time", shortest, longest, into.limits.idle_time);
        limits.duration("write_time", shortest, longest, into.limits.write_time);
    }
    if (const node* value = top.find("compat")) {
        const mapping compat(*value, sections::compat, with.out);
        compat.choice<bool>("expect", {{"lenient", false}, {"ec2", true}}, into.compat.expect_ec2);
        compat.boolean("access_key_id_alias", into.compat.access_key_id_alias);
        compat.choice<bool>("slashless_directories", {{"listing", false}, {"redirect", true}},
                            into.compat.redirect_slashless_directories);
        compat.choice<bool>("connection", {{"keep_alive", false}, {"close", true}},
                            into.compat.close_connections);
        compat.boolean("extended_credentials", into.compat.extended_credentials);
        into.limits.request.refuse_expect = into.compat.expect_ec2;
    }
}

void read_sources(const mapping& top, configuration& into, context with) {
    const node* value = top.find("sources");
    if (!value) return;
    each_named(*value, "sources", with.out, [&](const node::entry& entry) {
        if (!is_plain_name(entry.key))
            with.out.error(entry.at,
                           "names of sources are 1 to 64 letters, digits, '_', '.' and '-'");
        const mapping fields(entry.value, sections::source, with.out);
        source_options source;
        source.name = entry.key;
        if (fields.require("type"))
            fields.choice<source_options::kind>("type", {{"core", source_options::kind::core}},
                                                source.origin);
        into.sources.push_back(std::move(source));
    });
}

}  // namespace config
