#pragma once

#include "base/error.hpp"
#include "config/configuration.hpp"

namespace daemon_ {

/// `imdsd issuer`: what of a configuration is for the issuer and for those who watch over it. There
/// is no metadata, no profile and nobody bound to one; nothing is fetched. An error when no
/// listener serves sts.
base::result<void> keep_issuer_alone(config::configuration& configuration);

}  // namespace daemon_
