#pragma once

#include <string_view>

#include "container/engine_documents.hpp"
#include "container/facts.hpp"
#include "profile/role_profile.hpp"

namespace container {

/// What is told when no container engine is asked, or the caller is in no container: the profile's
/// `container` section, with defaults. `profile` is resolved; ids are derived from `seed`.
description describe(const profile::role_profile& profile, std::string_view seed);

/// The containers of one task as an engine knows them, the caller's among them; what an engine does
/// not know comes from the profile. `own` names one of them.
description describe(const profile::role_profile& profile,
                     std::vector<engine::inspected> containers, std::string_view own);

}  // namespace container
