#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/ip_address.hpp"

namespace policy {

/// An exact decimal: IAM compares quotas and epoch times, which a double would round.
struct decimal {
    bool negative = false;
    std::string whole;     ///< no leading zeros; empty for 0
    std::string fraction;  ///< no trailing zeros

    static std::optional<decimal> parse(std::string_view text);
    /// <0, 0, >0
    int compare(const decimal& other) const;
};

/// ISO 8601 (date, or date and time with zone, up to milliseconds) or epoch seconds.
std::optional<base::wall_time> parse_date(std::string_view text);

/// A CIDR block by IAM's rules: IPv4 host bits are ignored, an IPv6 block with host bits set is
/// well-formed but contains nothing.
class address_block {
public:
    static std::optional<address_block> parse(std::string_view text);
    bool contains(const base::ip_address& address) const;

private:
    std::array<std::uint8_t, 16> base_{};
    unsigned prefix_ = 128;  // counted in the mapped form
    bool empty_ = false;
};

/// The six fields of an ARN, or of an ARN pattern; the last one may hold colons.
using arn_fields = std::array<std::string_view, 6>;
std::optional<arn_fields> split_arn(std::string_view text);

}  // namespace policy
