#pragma once

#include <list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "iam/directory.hpp"
#include "policy/authorize.hpp"
#include "policy/document.hpp"

namespace iam {

/// Policies that are asked what they would say, with what answers tell of where they come from.
/// Stays where it is: questions borrow from it.
class simulated_policies {
public:
    struct source {
        std::string id;         ///< name or ARN
        std::string_view type;  ///< "user", "group", "role", "aws-managed", "user-managed", …
        std::string text;
        policy::document document;
    };

    simulated_policies() = default;
    simulated_policies(const simulated_policies&) = delete;
    simulated_policies& operator=(const simulated_policies&) = delete;

    /// InvalidInput for a text that is no policy.
    base::result<void> add_identity(std::string id, std::string_view type, std::string text);
    /// The one that there can be: a later one takes its place.
    base::result<void> set_boundary(std::string id, std::string_view type, std::string text);
    /// Its principals are those who have the names now.
    base::result<void> set_resource(std::string text, const directory& among);

    /// All that is in force for one: inline, managed, those of its groups, and the boundary.
    base::result<void> add_all_of(const user& one, const directory& among);
    base::result<void> add_all_of(const group& one, const directory& among);
    base::result<void> add_all_of(const role& one, const directory& among);

    void fill(policy::question& asked) const;
    bool bounded() const { return boundary_ != nullptr; }
    bool guarded() const { return resource_ != nullptr; }
    std::size_t bytes() const;  ///< of all their texts
    /// By type and name, as an explanation has them. Null: none.
    const source* find(policy::policy_type type, std::string_view id) const;
    /// Condition keys that any of them uses, lower case, each once.
    std::vector<std::string> context_keys() const;

private:
    base::result<const source*> read(std::string id, std::string_view type, std::string text,
                                     policy::document_kind kind);
    template <class Holder>
    base::result<void> add_held(const Holder& one, std::string_view type, const directory& among);
    base::result<void> add_boundary(const std::string& arn, const directory& among);

    std::list<source> all_;
    std::vector<policy::attached> identity_;
    const source* boundary_ = nullptr;
    const source* resource_ = nullptr;
};

}  // namespace iam
