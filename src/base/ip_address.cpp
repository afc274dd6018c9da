#include "base/ip_address.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <charconv>

namespace base {

namespace {

constexpr std::array<std::uint8_t, 12> mapped_prefix = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

}  // namespace

ip_address ip_address::v4(std::uint32_t host_order) {
    ip_address address;
    std::copy(mapped_prefix.begin(), mapped_prefix.end(), address.bytes_.begin());
    for (int i = 0; i < 4; ++i)
        address.bytes_[std::size_t(12 + i)] = std::uint8_t(host_order >> (24 - 8 * i));
    return address;
}

ip_address ip_address::v6(const std::array<std::uint8_t, 16>& bytes) {
    ip_address address;
    address.bytes_ = bytes;
    return address;
}

result<ip_address> ip_address::parse(std::string_view text) {
    const std::string terminated(text);
    in_addr four{};
    if (::inet_pton(AF_INET, terminated.c_str(), &four) == 1) return v4(ntohl(four.s_addr));
    std::array<std::uint8_t, 16> six{};
    if (::inet_pton(AF_INET6, terminated.c_str(), six.data()) == 1) return v6(six);
    return invalid("'" + terminated + "' is not an IP address");
}

bool ip_address::is_v4() const {
    return std::equal(mapped_prefix.begin(), mapped_prefix.end(), bytes_.begin());
}

bool ip_address::is_loopback() const {
    if (is_v4()) return bytes_[12] == 127;
    return std::all_of(bytes_.begin(), bytes_.end() - 1, [](auto b) { return b == 0; }) &&
           bytes_[15] == 1;
}

std::string ip_address::text() const {
    char text[INET6_ADDRSTRLEN];
    if (is_v4()) return ::inet_ntop(AF_INET, bytes_.data() + 12, text, sizeof text);
    return ::inet_ntop(AF_INET6, bytes_.data(), text, sizeof text);
}

result<ip_network> ip_network::parse(std::string_view text) {
    const auto slash = text.find('/');
    auto address = ip_address::parse(text.substr(0, slash));
    if (!address) return address.error();
    ip_network network;
    network.base_ = *address;
    if (slash != std::string_view::npos) {
        const auto digits = text.substr(slash + 1);
        const unsigned widest = address->is_v4() ? 32 : 128;
        unsigned prefix = 0;
        const auto [end, failed] =
            std::from_chars(digits.data(), digits.data() + digits.size(), prefix);
        if (failed != std::errc{} || end != digits.data() + digits.size() || digits.empty() ||
            prefix > widest) {
            return invalid("the prefix length of '" + std::string(text) + "' must be 0 to " +
                           std::to_string(widest));
        }
        network.prefix_ = prefix + (128 - widest);
    }
    auto masked = address->bytes();
    for (unsigned bit = network.prefix_; bit < 128; ++bit) {
        masked[bit / 8] = std::uint8_t(masked[bit / 8] & ~(0x80u >> (bit % 8)));
    }
    if (masked != address->bytes()) {
        return invalid("'" + std::string(text) + "' has host bits set; the network is " +
                       ip_address::v6(masked).text() + std::string(text.substr(slash)));
    }
    return network;
}

bool ip_network::contains(const ip_address& address) const {
    const auto& a = base_.bytes();
    const auto& b = address.bytes();
    const unsigned whole = prefix_ / 8;
    if (!std::equal(a.begin(), a.begin() + whole, b.begin())) return false;
    const unsigned rest = prefix_ % 8;
    if (rest == 0) return true;
    const auto mask = std::uint8_t(0xff00u >> rest);
    return (a[whole] & mask) == (b[whole] & mask);
}

std::string ip_network::text() const {
    return base_.text() + "/" + std::to_string(base_.is_v4() ? prefix_ - 96 : prefix_);
}

}  // namespace base
