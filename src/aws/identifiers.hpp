#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "base/random.hpp"
#include "base/secret.hpp"

namespace aws {

/// A 20- (keys) or 21-character (roles, users) unique id: `prefix` and 16 or 17 characters of
/// A-Z2-7 whose leading bits carry the account, as AWS's newer ids do: marker bit, 40 bits of
/// account number, random rest.
std::string make_access_key_id(std::string_view prefix, std::string_view account,
                               base::random& random);
std::string make_unique_id(std::string_view prefix, std::string_view account, base::random& random);
/// The same, from 16 or more bytes that the caller derived (stable ids for principals from files).
std::string unique_id_from(std::string_view prefix, std::string_view account,
                           std::string_view bytes);

/// The account inside an access key id; nothing for ids without the marker (older than 2019).
std::optional<std::string> account_of_access_key(std::string_view access_key_id);

/// 40 characters of base64: 30 random bytes.
base::secret make_secret_access_key(base::random& random);

/// A random (version 4) UUID in text form.
std::string make_uuid(base::random& random);

}  // namespace aws
