#pragma once

#include <optional>
#include <string>
#include <vector>

#include "iam/operation.hpp"
#include "iam/operations/simulation_source.hpp"

namespace iam {

/// The parameters of SimulateCustomPolicy and SimulatePrincipalPolicy, checked.
struct simulation_input {
    struct context_entry {
        std::string key;
        std::vector<std::string> values;  ///< not empty
        bool many = false;                ///< a key of many values by its nature
    };

    std::string source_arn;  ///< SimulatePrincipalPolicy
    policy_texts policies, boundaries;
    std::vector<std::string> actions, resources;  ///< neither is empty
    std::optional<std::string> resource_policy;
    std::string resource_owner;  ///< account; empty: the caller's
    std::string caller_arn;      ///< of a user; empty: none was given
    std::vector<context_entry> context;

    /// ValidationError for what the service model refuses, InvalidInput for the rest.
    static base::result<simulation_input> read(operation_call& call, bool of_principal);
};

}  // namespace iam
