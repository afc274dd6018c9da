#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/persistent_map.hpp"
#include "iam/entities.hpp"
#include "sts/ports.hpp"

namespace iam {

/// How often something is in use (IAM: AttachmentCount, PermissionsBoundaryUsageCount).
struct use_count {
    std::size_t attached = 0;
    std::size_t boundary = 0;
};

/// Everything that one issuer knows of its accounts at one moment: immutable, shared by threads,
/// complete. A changed one is made from it, which costs time by what changed and not by what is
/// there. Policies are parsed when they are needed for the first time, and kept.
class directory final : public sts::principal_store {
public:
    /// Empty but for the provider's own policies.
    static std::shared_ptr<const directory> empty(std::string partition);

    /// Nothing is checked but what look-ups rely on: changes are made by those who know the rules.
    std::shared_ptr<const directory> with(const changes& made) const;
    /// The same with nothing of `from`'s revocations, keys and entities lost: `organization` is of
    /// the configuration.
    std::shared_ptr<const directory> with_organization(
        std::optional<sts::organization> organization) const;

    const std::string& partition() const { return partition_; }

    // Entities, for the IAM API. Names ignore case; null: there is none. Pointers stay valid as
    // long as the directory.
    const account* account_of(std::string_view id) const;
    const user* user_of(std::string_view account, std::string_view name) const;
    const group* group_of(std::string_view account, std::string_view name) const;
    const role* role_of(std::string_view account, std::string_view name) const;
    const managed_policy* policy_of(std::string_view account, std::string_view name) const;
    /// By ARN in exact case, those of the provider included (their account is "aws").
    const managed_policy* policy_by_arn(std::string_view arn) const;
    const instance_profile* instance_profile_of(std::string_view account,
                                                std::string_view name) const;
    std::shared_ptr<const entity> find(entity_kind kind, std::string_view key) const;

    struct key_owner {
        std::string account;
        std::string user;  ///< name; empty: the account's root
    };
    const key_owner* owner_of_key(std::string_view access_key_id) const;
    /// By the account's own users, groups and roles: those of others use the provider's policies,
    /// too.
    use_count uses_of_policy(std::string_view account, std::string_view arn) const;
    /// The ARN of the user or role that has this unique id; empty: none.
    std::string arn_of_id(std::string_view unique_id) const;
    /// The unique id of the user or role that has this ARN, in exact case; empty: none.
    std::string id_of_arn(std::string_view arn) const;

    /// All of one kind, in no particular order.
    void for_each(entity_kind kind, const std::function<void(const entity&)>& call) const;
    std::size_t count(entity_kind kind) const;

    std::string arn_of(const user& one) const;
    std::string arn_of(const group& one) const;
    std::string arn_of(const role& one) const;
    std::string arn_of(const managed_policy& one) const;
    std::string arn_of(const instance_profile& one) const;

    // sts::principal_store
    std::shared_ptr<const sts::access_key_record> find_access_key(
        std::string_view id) const override;
    std::shared_ptr<const sts::role_record> find_role(std::string_view account,
                                                      std::string_view path,
                                                      std::string_view name) const override;
    std::shared_ptr<const sts::user_record> find_user(std::string_view account,
                                                      std::string_view name) const override;
    std::shared_ptr<const sts::group_record> find_group(std::string_view account,
                                                        std::string_view name) const override;
    sts::managed_policy find_managed_policy(std::string_view arn) const override;
    bool is_revoked(const sts::session_claim& session) const override;
    bool has_account(std::string_view account) const override;
    const sts::organization* find_organization() const override;
    const policy::document* find_verification_policy(std::string_view account) const override;

private:
    struct node;  ///< an entity and, once it was needed, its record
    using nodes = base::persistent_map<node>;

    explicit directory(std::string partition) : partition_(std::move(partition)) {}
    directory(const directory&) = default;

    const node* at(entity_kind kind, std::string_view key) const;
    void apply(const change& one);
    void forget(const entity& before);
    void learn(const entity& now);
    void count_uses(const entity& of, int by);
    void count_use(const std::string& account, const std::string& arn, int attached, int boundary);

    std::string partition_;
    nodes kinds_[entity_kinds];
    base::persistent_map<key_owner> key_owners_;
    base::persistent_map<use_count> uses_;       ///< by account and ARN
    base::persistent_map<std::string> id_arns_;  ///< ARN by unique id, of users and roles
    std::optional<sts::organization> organization_;
};

}  // namespace iam
