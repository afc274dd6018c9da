#include "iam/directory.hpp"

#include <algorithm>

#include "aws/arn.hpp"
#include "encoding/base64.hpp"
#include "iam/provider_policies.hpp"
#include "iam/records.hpp"

namespace iam {

namespace {

std::string arn_of_named(std::string_view partition, std::string_view kind, const named& one) {
    return "arn:" + std::string(partition) + ":iam::" + one.account + ":" + std::string(kind) +
           one.path + one.name;
}

/// Account, path and name of arn:p:iam::account:kind/path/name.
struct place {
    std::string_view account, path, name;
};
std::optional<place> place_of(std::string_view arn, std::string_view partition,
                              std::string_view kind) {
    const auto starts = [&](std::string_view with) {
        if (!arn.starts_with(with)) return false;
        arn.remove_prefix(with.size());
        return true;
    };
    if (!starts("arn:") || !starts(partition) || !starts(":iam::")) return std::nullopt;
    const auto colon = arn.find(':');
    if (colon == std::string_view::npos) return std::nullopt;
    place out;
    out.account = arn.substr(0, colon);
    arn.remove_prefix(colon + 1);
    if (!starts(kind) || arn.empty() || arn.front() != '/') return std::nullopt;
    const auto slash = arn.rfind('/');
    out.path = arn.substr(0, slash + 1);
    out.name = arn.substr(slash + 1);
    return out;
}

template <class Entity>
const Entity* as(const std::shared_ptr<const entity>& from) {
    return from == nullptr ? nullptr : std::get_if<Entity>(from.get());
}

}  // namespace

/// Most entities are never asked for: the record is made when one is.
struct directory::node {
    explicit node(std::shared_ptr<const entity> of) : value(std::move(of)) {}

    template <class Record, class Make>
    std::shared_ptr<const Record> record(Make&& make) const {
        std::call_once(once, [&] { made = make(); });
        return std::static_pointer_cast<const Record>(made);
    }

    std::shared_ptr<const entity> value;
    mutable std::once_flag once;
    mutable std::shared_ptr<const void> made;
};

std::shared_ptr<const directory> directory::empty(std::string partition) {
    std::shared_ptr<directory> out(new directory(std::move(partition)));
    for (managed_policy& one : provider_policies())
        out->apply(put(std::move(one)));
    return out;
}

std::shared_ptr<const directory> directory::with(const changes& made) const {
    std::shared_ptr<directory> out(new directory(*this));
    for (const change& one : made)
        out->apply(one);
    return out;
}

std::shared_ptr<const directory> directory::with_organization(
    std::optional<sts::organization> organization) const {
    std::shared_ptr<directory> out(new directory(*this));
    out->organization_ = std::move(organization);
    return out;
}

void directory::apply(const change& one) {
    nodes& all = kinds_[std::size_t(one.kind)];
    if (const auto& before = all.find(one.key)) forget(*before->value);
    if (one.value == nullptr) {
        all.erase(one.key);
        return;
    }
    all.set(one.key, std::make_shared<const node>(one.value));
    learn(*one.value);
}

namespace {

template <class Call>
void for_each_key(const entity& of, Call&& call) {
    if (const auto* one = std::get_if<user>(&of)) {
        for (const access_key& key : one->access_keys)
            call(key, one->account, one->name);
    } else if (const auto* root = std::get_if<account>(&of)) {
        for (const access_key& key : root->root_access_keys)
            call(key, root->id, std::string());
    }
}

}  // namespace

void directory::forget(const entity& before) {
    count_uses(before, -1);
    // One who was renamed may have been learnt under the new name before the old one is forgotten.
    for_each_key(before, [&](const access_key& key, const std::string& account,
                             const std::string& user_name) {
        const auto& owner = key_owners_.find(key.id);
        if (owner != nullptr && owner->account == account && owner->user == user_name)
            key_owners_.erase(key.id);
    });
    const auto forget_arn = [&](const auto& one) {
        const auto& arn = id_arns_.find(one.unique_id);
        if (arn != nullptr && *arn == arn_of(one)) id_arns_.erase(one.unique_id);
    };
    if (const auto* one = std::get_if<user>(&before)) forget_arn(*one);
    if (const auto* one = std::get_if<role>(&before)) forget_arn(*one);
}

void directory::learn(const entity& now) {
    count_uses(now, 1);
    for_each_key(now, [&](const access_key& key, const std::string& account,
                          const std::string& user_name) {
        key_owners_.set(key.id, std::make_shared<const key_owner>(key_owner{account, user_name}));
    });
    const auto keep_arn = [&](const auto& one) {
        id_arns_.set(one.unique_id, std::make_shared<const std::string>(arn_of(one)));
    };
    if (const auto* one = std::get_if<user>(&now)) keep_arn(*one);
    if (const auto* one = std::get_if<role>(&now)) keep_arn(*one);
}

namespace {

std::string use_key(std::string_view account, std::string_view arn) {
    return std::string(account) + " " + std::string(arn);
}

}  // namespace

void directory::count_use(const std::string& account, const std::string& arn, int attached,
                          int boundary) {
    const std::string key = use_key(account, arn);
    use_count now = uses_of_policy(account, arn);
    now.attached += attached;
    now.boundary += boundary;
    if (now.attached == 0 && now.boundary == 0) {
        uses_.erase(key);
    } else {
        uses_.set(key, std::make_shared<const use_count>(now));
    }
}

void directory::count_uses(const entity& of, int by) {
    const auto attached = [&](const auto& one) {
        for (const std::string& arn : one.attached)
            count_use(one.account, arn, by, 0);
    };
    const auto bounded = [&](const auto& one) {
        if (!one.boundary.empty()) count_use(one.account, one.boundary, 0, by);
    };
    if (const auto* one = std::get_if<user>(&of)) {
        attached(*one);
        bounded(*one);
    } else if (const auto* of_role = std::get_if<role>(&of)) {
        attached(*of_role);
        bounded(*of_role);
    } else if (const auto* of_group = std::get_if<group>(&of)) {
        attached(*of_group);
    }
}

const directory::node* directory::at(entity_kind kind, std::string_view key) const {
    return kinds_[std::size_t(kind)].find(key).get();
}

std::shared_ptr<const entity> directory::find(entity_kind kind, std::string_view key) const {
    const node* found = at(kind, key);
    return found == nullptr ? nullptr : found->value;
}

const account* directory::account_of(std::string_view id) const {
    return as<account>(find(entity_kind::account, id));
}
const user* directory::user_of(std::string_view account, std::string_view name) const {
    return as<user>(find(entity_kind::user, key_of(account, name)));
}
const group* directory::group_of(std::string_view account, std::string_view name) const {
    return as<group>(find(entity_kind::group, key_of(account, name)));
}
const role* directory::role_of(std::string_view account, std::string_view name) const {
    return as<role>(find(entity_kind::role, key_of(account, name)));
}
const managed_policy* directory::policy_of(std::string_view account, std::string_view name) const {
    return as<managed_policy>(find(entity_kind::managed_policy, key_of(account, name)));
}
const instance_profile* directory::instance_profile_of(std::string_view account,
                                                       std::string_view name) const {
    return as<instance_profile>(find(entity_kind::instance_profile, key_of(account, name)));
}

const managed_policy* directory::policy_by_arn(std::string_view arn) const {
    const auto where = place_of(arn, partition_, "policy");
    if (!where) return nullptr;
    const managed_policy* found = policy_of(where->account, where->name);
    return found != nullptr && found->path == where->path && found->name == where->name ? found
                                                                                        : nullptr;
}

const directory::key_owner* directory::owner_of_key(std::string_view access_key_id) const {
    return key_owners_.find(access_key_id).get();
}

use_count directory::uses_of_policy(std::string_view account, std::string_view arn) const {
    const auto& found = uses_.find(use_key(account, arn));
    return found == nullptr ? use_count() : *found;
}

std::string directory::arn_of_id(std::string_view unique_id) const {
    const auto& found = id_arns_.find(unique_id);
    return found == nullptr ? std::string() : *found;
}

std::string directory::id_of_arn(std::string_view arn) const {
    if (const auto where = place_of(arn, partition_, "role")) {
        const role* found = role_of(where->account, where->name);
        const bool same =
            found != nullptr && found->path == where->path && found->name == where->name;
        return same ? found->unique_id : std::string();
    }
    if (const auto where = place_of(arn, partition_, "user")) {
        const user* found = user_of(where->account, where->name);
        const bool same =
            found != nullptr && found->path == where->path && found->name == where->name;
        return same ? found->unique_id : std::string();
    }
    return {};
}

void directory::for_each(entity_kind kind, const std::function<void(const entity&)>& call) const {
    kinds_[std::size_t(kind)].for_each(
        [&](const std::string&, const nodes::pointer& one) { call(*one->value); });
}

std::size_t directory::count(entity_kind kind) const {
    return kinds_[std::size_t(kind)].size();
}

std::string directory::arn_of(const user& one) const {
    return arn_of_named(partition_, "user", one);
}
std::string directory::arn_of(const group& one) const {
    return arn_of_named(partition_, "group", one);
}
std::string directory::arn_of(const role& one) const {
    return arn_of_named(partition_, "role", one);
}
std::string directory::arn_of(const managed_policy& one) const {
    return arn_of_named(partition_, "policy", one);
}
std::string directory::arn_of(const instance_profile& one) const {
    return arn_of_named(partition_, "instance-profile", one);
}

std::shared_ptr<const sts::user_record> directory::find_user(std::string_view account,
                                                             std::string_view name) const {
    const node* found = at(entity_kind::user, key_of(account, name));
    if (found == nullptr) return nullptr;
    const user& one = std::get<user>(*found->value);
    if (one.name != name) return nullptr;
    return found->record<sts::user_record>([&] { return make_record(one, arn_of(one)); });
}

std::shared_ptr<const sts::group_record> directory::find_group(std::string_view account,
                                                               std::string_view name) const {
    const node* found = at(entity_kind::group, key_of(account, name));
    if (found == nullptr) return nullptr;
    const group& one = std::get<group>(*found->value);
    if (one.name != name) return nullptr;
    return found->record<sts::group_record>([&] { return make_record(one, arn_of(one)); });
}

std::shared_ptr<const sts::role_record> directory::find_role(std::string_view account,
                                                             std::string_view path,
                                                             std::string_view name) const {
    const node* found = at(entity_kind::role, key_of(account, name));
    if (found == nullptr) return nullptr;
    const role& one = std::get<role>(*found->value);
    if (one.path != path || one.name != name) return nullptr;
    return found->record<sts::role_record>([&] { return make_record(one, arn_of(one)); });
}

sts::managed_policy directory::find_managed_policy(std::string_view arn) const {
    const auto where = place_of(arn, partition_, "policy");
    if (!where) return nullptr;
    const node* found = at(entity_kind::managed_policy, key_of(where->account, where->name));
    if (found == nullptr) return nullptr;
    const managed_policy& one = std::get<managed_policy>(*found->value);
    if (one.path != where->path || one.name != where->name) return nullptr;
    return found->record<sts::managed_policy_record>(
        [&] { return make_record(one, std::string(arn)); });
}

std::shared_ptr<const sts::access_key_record> directory::find_access_key(
    std::string_view id) const {
    const key_owner* owner = owner_of_key(id);
    if (owner == nullptr) return nullptr;
    const auto pick = [&](const std::vector<access_key>& keys) -> const access_key* {
        const auto found = std::find_if(keys.begin(), keys.end(),
                                        [&](const access_key& key) { return key.id == id; });
        return found == keys.end() ? nullptr : &*found;
    };
    std::shared_ptr<const sts::user_record> of;
    const access_key* key = nullptr;
    if (owner->user.empty()) {
        if (const account* root = account_of(owner->account)) key = pick(root->root_access_keys);
    } else if (const user* one = user_of(owner->account, owner->user)) {
        key = pick(one->access_keys);
        of = find_user(owner->account, owner->user);
        // Policies that cannot be read any more might deny.
        if (of == nullptr) return nullptr;
    }
    if (key == nullptr || key->secret == nullptr) return nullptr;
    auto out = std::make_shared<sts::access_key_record>();
    out->id = key->id;
    out->secret = key->secret->clone();
    out->active = key->active;
    out->account = owner->account;
    out->user = std::move(of);
    return out;
}

bool directory::is_revoked(const sts::session_claim& session) const {
    if (count(entity_kind::revocation) == 0) return false;
    using type = revocation::type;
    const auto there = [&](type kind, std::string_view subject) {
        return as<revocation>(find(entity_kind::revocation, key_of(kind, subject)));
    };
    if (const revocation* all = there(type::principal, session.principal_id);
        all != nullptr && session.issued < all->before)
        return true;
    return there(type::temporary_key, session.access_key_id) != nullptr ||
           there(type::session, encoding::hex(session.session_id)) != nullptr;
}

bool directory::has_account(std::string_view account) const {
    return at(entity_kind::account, account) != nullptr;
}

const sts::organization* directory::find_organization() const {
    return organization_ ? &*organization_ : nullptr;
}

const policy::document* directory::find_verification_policy(std::string_view account) const {
    const node* found = at(entity_kind::account, account);
    if (found == nullptr) return nullptr;
    const iam::account& one = std::get<iam::account>(*found->value);
    if (one.verification_policy.empty()) return nullptr;
    return found->record<policy::document>([&] { return make_verification_policy(one, *this); })
        .get();
}

}  // namespace iam
