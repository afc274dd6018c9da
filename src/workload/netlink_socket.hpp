#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace workload {

/// One netlink(7) socket connected to the kernel, for questions that have exactly one message as
/// their answer. The kernel answers within send(2), so nothing here ever waits. Not thread-safe.
class netlink_socket {
public:
    /// Throws std::system_error.
    explicit netlink_socket(int protocol);
    ~netlink_socket();
    netlink_socket(const netlink_socket&) = delete;
    netlink_socket& operator=(const netlink_socket&) = delete;

    struct reply {
        int error = 0;           ///< errno value, from the kernel's answer or from the exchange
        std::uint16_t type = 0;  ///< nlmsg_type
        std::span<const std::byte> payload;  ///< valid until the next call
    };

    /// `request` starts with a nlmsghdr whose sequence number is filled in here. A lost exchange
    /// (ENOBUFS, EINTR) is repeated once; answers to earlier questions are dropped.
    reply ask(std::span<std::byte> request);

    int fd() const { return fd_; }

private:
    reply exchange(std::span<std::byte> request);

    int fd_ = -1;
    std::uint32_t sequence_ = 0;
    std::vector<std::byte> buffer_;
};

}  // namespace workload
