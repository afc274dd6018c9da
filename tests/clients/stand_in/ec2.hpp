#pragma once

#include <string>

#include "answer.hpp"

namespace stand_in {

/// DescribeInstances with one instance, DescribeAvailabilityZones with one zone: what discovers
/// instances asks for both. DescribeImages without any, for what builds images. `body` is the form
/// that the client posted.
answer handle_ec2(const std::string& body);

}  // namespace stand_in
