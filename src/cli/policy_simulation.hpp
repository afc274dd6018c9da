#pragma once

#include <string>

#include "cli/exit_codes.hpp"
#include "cli/options.hpp"
#include "cli/surroundings.hpp"
#include "policy/analysis.hpp"

namespace cli {

/// `policy simulate` and `policy explain`: every action on every resource; `denied` when one is.
/// `partition`: of the configuration; empty: that of the caller.
exit_code simulate(const policy::estate& all, std::string partition, const options& given,
                   const surroundings& world);

}  // namespace cli
