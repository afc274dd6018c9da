#pragma once

#include <string>

#include "aws/credentials.hpp"
#include "base/secret.hpp"

namespace support {

// What the tests of freed memory look for.
inline constexpr char sought_key[] = "wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEY00";
inline constexpr char sought_token[] = "IQoJb3JpZ2luX2VjEXAMPLETOKEN";

/// Credentials that hold both, the token at the end of a long one. Making them leaves no copy.
inline aws::credentials sought_credentials() {
    aws::credentials c;
    c.access_key_id = "ASIARZPUZDIKAAAAAAAA";
    c.secret_access_key = base::secret(sought_key);
    std::string long_token(4000, 'x');
    c.session_token = base::secret(long_token.append(sought_token));
    base::wipe(long_token.data(), long_token.size());
    return c;
}

}  // namespace support
