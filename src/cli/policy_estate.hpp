#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "config/configuration.hpp"
#include "iam/directory.hpp"
#include "policy/analysis.hpp"
#include "sts/ports.hpp"

namespace cli {

/// The principals of a configuration as the policy analysis sees them, policies included.
struct configured_estate {
    /// Consumes the accounts. Unique ids are made up: those of the daemon hang on its own keys.
    static base::result<configured_estate> build(config::configuration from);

    policy::estate all;

private:
    void add(const sts::user_record& user);
    void add(const sts::role_record& role);

    std::shared_ptr<const iam::directory> directory_;
    // What `all` points into.
    std::vector<sts::managed_policy> held_;
    std::vector<std::shared_ptr<const sts::group_record>> groups_;
    std::vector<std::shared_ptr<const sts::user_record>> users_;
    std::vector<std::shared_ptr<const sts::role_record>> roles_;
};

}  // namespace cli
