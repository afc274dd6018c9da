#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.hpp"

namespace base {

/// An IPv4 or IPv6 address as plain data. IPv4 addresses, and IPv6-mapped ones, are kept in mapped
/// form (::ffff:a.b.c.d), so that one and the same host compares equal over both families.
class ip_address {
public:
    ip_address() = default;  ///< "::"
    static ip_address v4(std::uint32_t host_order);
    static ip_address v6(const std::array<std::uint8_t, 16>& bytes);
    static result<ip_address> parse(std::string_view text);

    bool is_v4() const;
    bool is_loopback() const;
    const std::array<std::uint8_t, 16>& bytes() const { return bytes_; }
    std::string text() const;

    auto operator<=>(const ip_address&) const = default;

private:
    std::array<std::uint8_t, 16> bytes_{};
};

/// A CIDR block. A bare address is a block of one. Host bits must be zero.
class ip_network {
public:
    static result<ip_network> parse(std::string_view text);
    bool contains(const ip_address& address) const;
    std::string text() const;

private:
    ip_address base_;
    unsigned prefix_ = 128;  // counted in the mapped form
};

}  // namespace base
