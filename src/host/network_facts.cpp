#include "host/network_facts.hpp"

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

interface_facts first_interface() {
    ifaddrs* list = nullptr;
    if (::getifaddrs(&list) != 0) return {};
    const std::unique_ptr<ifaddrs, void (*)(ifaddrs*)> owner(list, ::freeifaddrs);
    for (const ifaddrs* entry = list; entry != nullptr; entry = entry->ifa_next) {
        if (!is_usable(*entry, AF_INET)) continue;
        interface_facts found{ipv4_of(*entry), {}};
        if (found.ipv4.empty()) continue;
        found.mac = mac_of(list, entry->ifa_name);
        return found;
    }
    return {};
}

interface_facts invented_interface(const crypto::digest256& hash) {
    // .4 to .251: EC2 reserves the first four and the last address of each subnet.
    const std::string ipv4 =
        "172.31." + std::to_string(hash[0]) + "." + std::to_string(4 + hash[1] % 248);
    std::string mac(crypto::as_text(hash).substr(2, mac_size));
    mac[0] = 0x02;  // locally administered, unicast
    return {ipv4, mac_text(mac)};
}

}  // namespace host
