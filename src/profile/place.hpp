#pragma once

#include <string>
#include <string_view>

namespace profile {

/// The region that a zone name belongs to: "us-east-1a" -> "us-east-1", "us-west-2-lax-1a" ->
/// "us-west-2"; empty when the text has no such shape.
std::string region_of_zone(std::string_view zone);

/// A zone id of the usual form: us-east-1a -> use1-az1. Which letter is which number differs
/// between AWS accounts; here a is 1.
std::string zone_id_of(std::string_view region, std::string_view zone);

/// The domain of private DNS names: "ec2.internal" in us-east-1, "{region}.compute.internal"
/// elsewhere.
std::string private_domain(std::string_view region);

/// A private DNS name: the host's own name made presentable, or ip-10-0-1-17 where it has none.
std::string private_name(std::string_view hostname, std::string_view local_ipv4,
                         std::string_view region);

/// A name without dots, with the domain of private DNS names.
std::string with_domain(std::string name, std::string_view region);

/// The public DNS name of an address: ec2-203-0-113-25.compute-1.amazonaws.com in us-east-1.
std::string public_name(std::string_view public_ipv4, std::string_view region,
                        std::string_view services_domain);

}  // namespace profile
