#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "iam/entities.hpp"
#include "sts/definitions.hpp"

namespace store {

/// What a configuration file defines that needs a unique id.
struct file_principal {
    iam::entity_kind kind;
    std::string account, path, name;

    std::string key() const;          ///< identity_key
    std::string_view prefix() const;  ///< "AIDA", …
};
std::vector<file_principal> principals_of(const std::vector<sts::account_definition>& accounts);

}  // namespace store
