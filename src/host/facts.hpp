#pragma once

#include <string>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/random.hpp"
#include "profile/role_profile.hpp"

namespace host {

/// The id of this machine: 32 hexadecimal digits (machine-id(5)); not_found or invalid when the
/// file has none (yet: "uninitialized").
base::result<std::string> read_machine_id(const std::string& file = "/etc/machine-id");

/// For hosts without one (many containers): an id of that form kept in the state directory, made
/// at the first call.
base::result<std::string> kept_machine_id(const std::string& state_directory, base::random& random);

/// machine-id, else the id kept in the state directory, else (when that fails) nothing.
std::string machine_id_or_kept(const std::string& state_directory, base::random& random);

/// Gathers what the host knows about itself. `machine_id` may be empty: then the ids are derived
/// from the hostname. The machine id itself is confidential (machine-id(5)): only keyed hashes of
/// it go into the result.
profile::host_facts gather_host_facts(const base::clock& clock, const std::string& machine_id);

/// The same with /etc/machine-id.
profile::host_facts gather_host_facts(const base::clock& clock);

}  // namespace host
