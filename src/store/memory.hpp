#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "sts/definitions.hpp"
#include "sts/ports.hpp"
#include "sts/session/key_ring.hpp"

namespace store {

/// Principals from definitions: checked, their policies parsed, their unique ids derived from the
/// ring, so that they stay the same over restarts and key rotations. Errors name the account, role,
/// user or policy at fault.
base::result<std::shared_ptr<const sts::principal_store>> make_memory_store(
    std::vector<sts::account_definition> accounts, std::string_view partition,
    const sts::key_ring& ring, std::optional<sts::organization> organization = {});

}  // namespace store
