#pragma once

#include <optional>
#include <string>
#include <vector>

#include "iam/operation.hpp"
#include "iam/operations/simulated_policies.hpp"
#include "sts/query/constraints.hpp"

namespace iam {

/// PolicySourceArn: the user, group or role whose policies are asked.
struct simulation_source {
    const user* of_user = nullptr;
    const group* of_group = nullptr;
    const role* of_role = nullptr;
    std::string arn;
};

/// Authorised; InvalidInput for what is none of these, NoSuchEntity for one that is not there or
/// not of the caller's account.
base::result<simulation_source> find_source(operation_call& call, std::string_view action,
                                            const std::string& arn);
base::result<void> add_policies(const simulation_source& of, const directory& among,
                                simulated_policies& to);

/// A list of policy texts, by the name of its parameter.
struct policy_texts {
    std::vector<std::optional<std::string>> texts;

    static base::result<policy_texts> read(const operation_call& call, std::string_view parameter);
    void check(sts::constraints& c, std::string_view member) const;
};
base::result<void> add_policies(const policy_texts& from, simulated_policies& to);

/// The parameters that may not be in a record whole: how many there were.
void put_count(boost::json::object& out, std::string_view member, std::size_t count);

}  // namespace iam
