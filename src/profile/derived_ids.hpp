#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace profile {

/// A resource id in today's EC2 form: `kind`, '-', '0' and 16 hex digits. The same kind and seed
/// always give the same id, different kinds give unrelated ones. Not a cryptographic hash: the seed
/// is one already, and the ids are public.
std::string derived_id(std::string_view kind, std::string_view seed);

/// A locally administered unicast address, "02:…".
std::string derived_mac(std::string_view seed);

/// Any number, the same for the same kind and seed.
std::uint64_t derived_number(std::string_view kind, std::string_view seed);

/// An address for a host that knows none of its own, inside EC2's default network 172.31.0.0/20.
std::string derived_ipv4(std::string_view seed);

}  // namespace profile
