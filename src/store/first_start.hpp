#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/random.hpp"
#include "store/estate_rows.hpp"

namespace store {

inline constexpr const char* administrator_name = "administrator";

struct first_start_options {
    std::string account;  ///< 12 digits; empty: chosen at random
    /// A user with AdministratorAccess and an access key: see read_administrator.
    bool with_administrator = true;
    const sts::key_ring* ring = nullptr;  ///< kept from elsewhere; null: a new one
};

/// Everything that an issuer has when it begins, as one commit onto version 0: account,
/// administrator, key ring. Whoever commits second joins the first one's.
std::vector<row_change> first_rows(const first_start_options& chosen, const row_codec& codec,
                                   base::wall_time now);

struct administrator_key {
    std::string account;
    std::string access_key_id;
    base::secret secret_access_key;
};
/// The access key of the administrator that the first start made. not_found: there is no issuer
/// yet, or the key was deleted or deactivated since.
base::result<administrator_key> read_administrator(database& rows, const row_codec& codec,
                                                   base::wall_time now);

}  // namespace store
