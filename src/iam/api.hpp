#pragma once

#include <memory>

#include "iam/change_port.hpp"
#include "iam/key_usage.hpp"
#include "sts/actions/action_table.hpp"

namespace iam {

inline constexpr std::string_view iam_version = "2010-05-08";

/// The IAM Query API (API version 2010-05-08) over the estate behind `port`, for the issuer's
/// endpoint. Calls that change something block on it. `usage`: when access keys were used last;
/// null: no use is known. Both outlive the API.
std::unique_ptr<sts::api> make_api(change_port& port, const key_usage* usage = nullptr);

}  // namespace iam
