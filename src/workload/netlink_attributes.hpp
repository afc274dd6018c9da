#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <linux/netlink.h>
#include <optional>
#include <span>

namespace workload {

/// The value of the first attribute of this type in a list of netlink attributes, when it has
/// exactly the size of T. A malformed list ends the search.
template <class T>
std::optional<T> find_attribute(std::span<const std::byte> list, std::uint16_t type) {
    while (list.size() >= sizeof(nlattr)) {
        nlattr head{};
        std::memcpy(&head, list.data(), sizeof head);
        if (head.nla_len < sizeof head || head.nla_len > list.size()) return std::nullopt;
        if ((head.nla_type & NLA_TYPE_MASK) == type) {
            T value{};
            if (head.nla_len != NLA_HDRLEN + sizeof value) return std::nullopt;
            std::memcpy(&value, list.data() + NLA_HDRLEN, sizeof value);
            return value;
        }
        const std::size_t step = NLA_ALIGN(std::size_t(head.nla_len));
        if (step >= list.size()) return std::nullopt;
        list = list.subspan(step);
    }
    return std::nullopt;
}

}  // namespace workload
