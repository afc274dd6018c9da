#pragma once

#include <string>

#include "base/clock.hpp"
#include "base/secret.hpp"

namespace aws {

/// Temporary credentials, the `Credentials` structure of STS.
struct credentials {
    std::string access_key_id;
    base::secret secret_access_key;
    base::secret session_token;
    base::wall_time expiration{};
};

}  // namespace aws
