#include "workload/route_query.hpp"

#include <cstring>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

namespace workload {

namespace {

struct request {
    nlmsghdr header;
    rtmsg body;
    std::byte attributes[RTA_SPACE(16) + RTA_SPACE(4)];
};

void add_attribute(request& ask, unsigned short type, const void* data, std::size_t size) {
    rtattr head{};
    head.rta_type = type;
    head.rta_len = static_cast<unsigned short>(RTA_LENGTH(size));
    std::byte* at = reinterpret_cast<std::byte*>(&ask) + NLMSG_ALIGN(ask.header.nlmsg_len);
    std::memcpy(at, &head, sizeof head);
    std::memcpy(at + RTA_LENGTH(0), data, size);
    ask.header.nlmsg_len =
        static_cast<std::uint32_t>(NLMSG_ALIGN(ask.header.nlmsg_len) + RTA_ALIGN(head.rta_len));
}

}  // namespace

address_place place_of(netlink_socket& route, const base::ip_address& address,
                       std::uint32_t device) {
    const bool four = address.is_v4();
    const std::size_t size = four ? 4 : 16;
    request ask{};
    ask.header.nlmsg_len = NLMSG_LENGTH(sizeof(rtmsg));
    ask.header.nlmsg_type = RTM_GETROUTE;
    ask.header.nlmsg_flags = NLM_F_REQUEST;
    ask.body.rtm_family = four ? std::uint8_t(AF_INET) : std::uint8_t(AF_INET6);
    ask.body.rtm_dst_len = std::uint8_t(size * 8);
    add_attribute(ask, RTA_DST, address.bytes().data() + (four ? 12 : 0), size);
    if (device != 0) add_attribute(ask, RTA_OIF, &device, sizeof device);

    const auto reply =
        route.ask(std::as_writable_bytes(std::span(&ask, 1)).first(ask.header.nlmsg_len));
    rtmsg answer{};
    if (reply.error != 0 || reply.type != RTM_NEWROUTE || reply.payload.size() < sizeof answer)
        return address_place::unclear;
    std::memcpy(&answer, reply.payload.data(), sizeof answer);
    if (answer.rtm_type == RTN_LOCAL) return address_place::own;
    if (answer.rtm_type == RTN_UNICAST) return address_place::elsewhere;
    return address_place::unclear;
}

}  // namespace workload
