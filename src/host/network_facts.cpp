#include "host/network_facts.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <cstring>
#include <ifaddrs.h>
#include <linux/if_packet.h>
#include <memory>
#include <net/if.h>
#include <netinet/in.h>
#include <string_view>
#include <sys/socket.h>

#include "host/hex.hpp"

namespace host {

namespace {

constexpr std::size_t mac_size = 6;

std::string mac_text(std::string_view bytes) {
    std::string text;
    for (std::size_t i = 0; i < mac_size; ++i) {
        if (i != 0) text += ':';
        text += hex_text(bytes.substr(i, 1));
    }
    return text;
}

bool is_usable(const ifaddrs& entry, int family) {
    return entry.ifa_addr != nullptr && entry.ifa_addr->sa_family == family &&
           (entry.ifa_flags & IFF_UP) != 0 && (entry.ifa_flags & IFF_LOOPBACK) == 0;
}

std::string ipv4_of(const ifaddrs& entry) {
    sockaddr_in address{};
    std::memcpy(&address, entry.ifa_addr, sizeof address);
    if ((ntohl(address.sin_addr.s_addr) >> 16) == 0xa9fe) return {};
    char text[INET_ADDRSTRLEN]{};
    if (::inet_ntop(AF_INET, &address.sin_addr, text, sizeof text) == nullptr) return {};
    return text;
}

std::string ipv6_of(const ifaddrs& entry) {
    sockaddr_in6 address{};
    std::memcpy(&address, entry.ifa_addr, sizeof address);
    if (IN6_IS_ADDR_LINKLOCAL(&address.sin6_addr)) return {};
    char text[INET6_ADDRSTRLEN]{};
    if (::inet_ntop(AF_INET6, &address.sin6_addr, text, sizeof text) == nullptr) return {};
    return text;
}

std::string mac_of(const ifaddrs* list, std::string_view name) {
    for (const ifaddrs* entry = list; entry != nullptr; entry = entry->ifa_next) {
        if (!is_usable(*entry, AF_PACKET) || name != entry->ifa_name) continue;
        sockaddr_ll link{};
        std::memcpy(&link, entry->ifa_addr, sizeof link);
        const std::string_view bytes(reinterpret_cast<const char*>(link.sll_addr), mac_size);
        // Tunnels have none, or one of zeros.
        if (link.sll_halen == mac_size && bytes.find_first_not_of('\0') != std::string_view::npos)
            return mac_text(bytes);
    }
    return {};
}

}  // namespace

std::vector<profile::host_interface> network_interfaces() {
    ifaddrs* list = nullptr;
    if (::getifaddrs(&list) != 0) return {};
    const std::unique_ptr<ifaddrs, void (*)(ifaddrs*)> owner(list, ::freeifaddrs);
    std::vector<profile::host_interface> found;
    const auto named = [&](std::string_view name) -> profile::host_interface& {
        for (auto& known : found)
            if (known.name == name) return known;
        found.push_back({std::string(name), mac_of(list, name), {}, {}});
        return found.back();
    };
    for (const ifaddrs* entry = list; entry != nullptr; entry = entry->ifa_next) {
        if (is_usable(*entry, AF_INET)) {
            if (auto address = ipv4_of(*entry); !address.empty())
                named(entry->ifa_name).ipv4s.push_back(std::move(address));
        } else if (is_usable(*entry, AF_INET6)) {
            if (auto address = ipv6_of(*entry); !address.empty())
                named(entry->ifa_name).ipv6s.push_back(std::move(address));
        }
    }
    std::stable_partition(found.begin(), found.end(),
                          [](const auto& one) { return !one.ipv4s.empty(); });
    return found;
}

}  // namespace host
