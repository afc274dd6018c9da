#pragma once

#include <string>

#include "answer.hpp"

namespace stand_in {

/// DescribeInstances with one instance, DescribeAvailabilityZones with one zone; what discovers
/// instances asks for both. `body` is the form that the client posted.
answer handle_ec2(const std::string& body);

}  // namespace stand_in
