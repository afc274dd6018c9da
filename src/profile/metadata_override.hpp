#pragma once

#include <optional>

#include "profile/role_profile.hpp"

namespace profile {

/// Instance metadata options changed at run time, as EC2's ModifyInstanceMetadataOptions does: what
/// is set goes before the configuration.
struct metadata_override {
    std::optional<bool> http_endpoint_enabled;
    std::optional<bool> http_tokens_required;
    std::optional<int> hop_limit;
    std::optional<bool> http_protocol_ipv6_enabled;
    std::optional<bool> instance_metadata_tags;

    bool empty() const { return *this == metadata_override{}; }
    /// What is set in `later` goes before what is set here.
    void merge(const metadata_override& later);
    metadata_options over(metadata_options configured) const;
    bool operator==(const metadata_override&) const = default;
};

inline constexpr int least_hop_limit = 1;
inline constexpr int most_hop_limit = 64;

}  // namespace profile
