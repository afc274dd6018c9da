#pragma once

#include <string>
#include <vector>

namespace profile {

struct security_group {
    std::string name;
    std::string id;  ///< sg-0123456789abcdef0; empty: auto
};

/// A public IPv4 address and the private ones that it leads to.
struct public_address {
    std::string public_ipv4;
    std::vector<std::string> local_ipv4s;  ///< empty: the interface's primary address
};

/// A network interface as instance metadata shows it. Empty means `auto` before `resolve`, and
/// afterwards that there is none.
struct network_interface {
    std::string id;   ///< eni-0123456789abcdef0
    std::string mac;  ///< lower case
    unsigned device_number = 0;
    unsigned network_card = 0;
    std::string hostname;                  ///< private DNS name
    std::string public_hostname;           ///< with a public address only
    bool public_dns = true;                ///< false: a VPC without DNS host names
    std::string owner_id;                  ///< default the instance's account
    std::vector<std::string> local_ipv4s;  ///< the primary one first
    bool ipv6_only = false;                ///< no IPv4 address is made up
    std::vector<public_address> public_ipv4s;
    std::vector<std::string> ipv6s;
    bool host_ipv6 = false;                                 ///< takes the host's IPv6 addresses
    std::vector<std::string> ipv4_prefixes, ipv6_prefixes;  ///< delegated, CIDR
    std::vector<security_group> security_groups;            ///< default one named `default`
    std::string subnet_id, vpc_id;
    std::string subnet_ipv4_cidr_block;
    std::vector<std::string> subnet_ipv6_cidr_blocks;
    std::vector<std::string> vpc_ipv4_cidr_blocks;  ///< the primary one first
    std::vector<std::string> vpc_ipv6_cidr_blocks;
};

}  // namespace profile
