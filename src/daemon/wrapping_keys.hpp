#pragma once

#include <string>
#include <vector>

#include "base/error.hpp"
#include "base/random.hpp"
#include "sts/session/wrapping_key.hpp"

namespace daemon_ {

/// The file in the state directory that holds the wrapping key when nothing else is named.
inline constexpr const char* automatic_wrapping_key = "wrapping.key";

/// Reads the keys in the order of their sources: the first one wraps, all open. One that cannot be
/// had is an error that names its source; the automatic one is made when it is not there yet.
/// Environment variables are taken (host::take_environment_secret), so this works once.
base::result<std::vector<sts::wrapping_key>> load_wrapping_keys(
    const std::vector<sts::wrapping_key_source>& sources, const std::string& state_directory,
    base::random& random);

}  // namespace daemon_
