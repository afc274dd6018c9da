#include <algorithm>

#include "aws/identifiers.hpp"
#include "iam/limits.hpp"
#include "iam/operation.hpp"
#include "iam/operations/parameters.hpp"
#include "iam/operations/user_target.hpp"
#include "sts/audit.hpp"
#include "sts/wire_error.hpp"

namespace iam {

namespace {

using sts::result_node;

constexpr std::string_view statuses[] = {"Active", "Inactive"};

base::error no_such_key(std::string_view id) {
    return sts::wire_error("NoSuchEntity",
                           "The Access Key with id " + std::string(id) + " cannot be found.");
}

/// What has the keys: a user, or the account for its root.
class key_holder {
public:
    key_holder(const operation_call& call, const user_target& of) {
        if (!of.root) {
            user_ = *of.found;
        } else if (const account* known = call.now.account_of(call.account)) {
            account_ = *known;
        } else {
            account_.id = call.account;
        }
        root_ = of.root;
    }

    std::vector<access_key>& keys() {
        return root_ ? account_.root_access_keys : user_.access_keys;
    }
    /// NoSuchEntity; UnmodifiableEntity for one that a configuration file defines.
    base::result<access_key*> find_to_change(std::string_view id) {
        const auto found = std::find_if(keys().begin(), keys().end(),
                                        [&](const access_key& key) { return key.id == id; });
        if (found == keys().end()) return no_such_key(id);
        if (!root_) {
            if (const auto good = check_not_of_file(user_, "user"); !good) return good.error();
        }
        if (!found->owned_by.empty())
            return sts::wire_error("UnmodifiableEntity", "The access key " + found->id +
                                                             " is defined by " + found->owned_by +
                                                             " and cannot be changed by this API.");
        return &*found;
    }
    change changed() { return root_ ? put(std::move(account_)) : put(std::move(user_)); }

private:
    bool root_ = false;
    user user_;
    account account_;
};

result_node shown_status(const access_key& key) {
    return result_node::text("Status", statuses[key.active ? 0 : 1]);
}

/// A root has no user name to be shown.
std::vector<result_node> shown_owner(const user_target& of) {
    if (of.root) return {};
    return {result_node::text("UserName", of.found->name)};
}

operation_result create_access_key(operation_call& call) {
    const auto name = call.given.text("UserName");
    sts::put(call.record.request_parameters, "userName", name);
    sts::constraints c;
    check_name(c, name, "userName", long_name_characters);
    if (const auto done = c.check(); !done) return done.error();
    const auto target = find_user_or_caller(call, name);
    if (!target) return target.error();
    const auto may =
        enter_to_change(call, "iam:CreateAccessKey", *target, facts_of(target->asked()));
    if (!may) return may.error();
    key_holder holder(call, *target);
    if (holder.keys().size() >= most_access_keys)
        return sts::wire_error("LimitExceeded", "Cannot exceed quota for AccessKeysPerUser: " +
                                                    std::to_string(most_access_keys));
    base::secret secret = aws::make_secret_access_key(call.made.random);
    access_key made;
    made.id = aws::make_access_key_id("AKIA", call.account, call.made.random);
    made.secret = std::make_shared<const base::secret>(secret.clone());
    made.created = call.made.now;
    std::vector<result_node> shown = shown_owner(*target);
    shown.push_back(result_node::text("AccessKeyId", made.id));
    shown.push_back(shown_status(made));
    shown.push_back(result_node::secret("SecretAccessKey", std::move(secret)));
    shown.push_back(result_node::time("CreateDate", made.created));
    holder.keys().push_back(std::move(made));
    operation_outcome out;
    out.answer.push_back(result_node::group("AccessKey", std::move(shown)));
    out.changes.push_back(holder.changed());
    return out;
}

operation_result update_access_key(operation_call& call) {
    const auto name = call.given.text("UserName");
    const auto id = call.given.text("AccessKeyId");
    const auto status = call.given.text("Status");
    sts::put(call.record.request_parameters, "userName", name);
    sts::put(call.record.request_parameters, "accessKeyId", id);
    sts::put(call.record.request_parameters, "status", status);
    sts::constraints c;
    check_name(c, name, "userName", long_name_characters);
    require_access_key_id(c, id);
    c.required(status, "status");
    c.choice(status, "status", statuses);
    if (const auto done = c.check(); !done) return done.error();
    const auto target = find_user_or_caller(call, name);
    if (!target) return target.error();
    const auto may = enter(call, "iam:UpdateAccessKey", *target, facts_of(target->asked()));
    if (!may) return may.error();
    key_holder holder(call, *target);
    const auto key = holder.find_to_change(*id);
    if (!key) return key.error();
    (*key)->active = *status == "Active";
    operation_outcome out;
    out.changes.push_back(holder.changed());
    return out;
}

operation_result delete_access_key(operation_call& call) {
    const auto name = call.given.text("UserName");
    const auto id = call.given.text("AccessKeyId");
    sts::put(call.record.request_parameters, "userName", name);
    sts::put(call.record.request_parameters, "accessKeyId", id);
    sts::constraints c;
    check_name(c, name, "userName", long_name_characters);
    require_access_key_id(c, id);
    if (const auto done = c.check(); !done) return done.error();
    const auto target = find_user_or_caller(call, name);
    if (!target) return target.error();
    const auto may = enter(call, "iam:DeleteAccessKey", *target, facts_of(target->asked()));
    if (!may) return may.error();
    key_holder holder(call, *target);
    const auto key = holder.find_to_change(*id);
    if (!key) return key.error();
    std::vector<access_key>& keys = holder.keys();
    keys.erase(keys.begin() + (*key - keys.data()));
    operation_outcome out;
    out.changes.push_back(holder.changed());
    return out;
}

operation_result list_access_keys(operation_call& call) {
    const auto name = call.given.text("UserName");
    const auto wanted = read_page(call);
    if (!wanted) return wanted.error();
    sts::put(call.record.request_parameters, "userName", name);
    sts::constraints c;
    check_name(c, name, "userName", long_name_characters);
    if (const auto done = c.check(); !done) return done.error();
    const auto target = find_user_or_caller(call, name);
    if (!target) return target.error();
    const auto may = enter(call, "iam:ListAccessKeys", *target, facts_of(target->asked()));
    if (!may) return may.error();
    key_holder holder(call, *target);
    page_collector<const access_key*> found(*wanted);
    for (const access_key& key : holder.keys())
        found.offer(key.id, &key);
    operation_outcome out;
    add_list(out.answer, "AccessKeyMetadata", found, [&](const access_key* key) {
        std::vector<result_node> shown = shown_owner(*target);
        shown.push_back(result_node::text("AccessKeyId", key->id));
        shown.push_back(shown_status(*key));
        shown.push_back(result_node::time("CreateDate", key->created));
        return result_node::group("member", std::move(shown));
    });
    return out;
}

/// A key that is nobody's, or another account's, is asked for as one of any user: who may only ask
/// about some users does not learn which keys there are.
operation_result get_access_key_last_used(operation_call& call) {
    const auto id = call.given.text("AccessKeyId");
    sts::put(call.record.request_parameters, "accessKeyId", id);
    sts::constraints c;
    require_access_key_id(c, id);
    if (const auto done = c.check(); !done) return done.error();
    const directory::key_owner* owner = call.now.owner_of_key(*id);
    user_target target;
    target.stand_in.account = call.account;
    target.stand_in.name = "*";
    if (owner != nullptr && owner->account == call.account) {
        target.root = owner->user.empty();
        if (!target.root) target.found = call.now.user_of(owner->account, owner->user);
    }
    const auto may =
        authorize(call, "iam:GetAccessKeyLastUsed", target.arn(call), facts_of(target.asked()));
    if (!may) return may.error();
    if (target.found == nullptr && !target.root) return no_such_key(*id);
    const auto used = call.usage == nullptr ? std::nullopt : call.usage->of(*id);
    std::vector<result_node> shown;
    if (used) shown.push_back(result_node::time("LastUsedDate", used->at));
    shown.push_back(result_node::text("ServiceName", used ? used->service : "N/A"));
    shown.push_back(result_node::text("Region", used ? used->region : "N/A"));
    operation_outcome out;
    out.answer = shown_owner(target);
    out.answer.push_back(result_node::group("AccessKeyLastUsed", std::move(shown)));
    return out;
}

constexpr operation_row rows[] = {
    writes("CreateAccessKey", create_access_key),
    writes("UpdateAccessKey", update_access_key),
    writes("DeleteAccessKey", delete_access_key),
    reads("ListAccessKeys", list_access_keys),
    reads("GetAccessKeyLastUsed", get_access_key_last_used),
};

}  // namespace

std::span<const operation_row> access_key_operations() {
    return rows;
}

}  // namespace iam
