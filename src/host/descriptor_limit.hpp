#pragma once

#include <cstddef>

namespace host {

/// Raises the soft limit of open descriptors to `wanted`, as far as the hard limit lets it, and
/// returns the limit in force. Never lowers it.
std::size_t raise_descriptor_limit(std::size_t wanted);

}  // namespace host
