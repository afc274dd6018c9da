#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <iterator>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.hpp"
#include "iam/directory.hpp"
#include "iam/entities.hpp"
#include "iam/key_usage.hpp"
#include "policy/context.hpp"
#include "sts/actions/action_table.hpp"
#include "sts/call.hpp"
#include "sts/query/answer.hpp"
#include "sts/query/parameters.hpp"

namespace iam {

/// One call of an operation, and the estate that it decides on. Decides only: what it returns is
/// stored by whoever runs it.
struct operation_call {
    const sts::call& made;
    const sts::parameters& given;
    const directory& now;
    const std::string& account;        ///< the caller's, in which everything happens
    audit_record::record& record;      ///< what is told of the call; complete but for its outcome
    const key_usage* usage = nullptr;  ///< null: no use is known
};

struct operation_outcome {
    std::vector<sts::result_node> answer{};  ///< the members of the result; none: no result element
    iam::changes changes{};                  ///< of operations that write
};
using operation_result = base::result<operation_outcome>;

/// One operation of the API.
struct operation_row {
    sts::action_row row;
    bool read_only;
    operation_result (*perform)(operation_call& call);
};
/// `perform` may run several times for one call, when another replica changed something meanwhile.
constexpr operation_row reads(std::string_view name, operation_result (*perform)(operation_call&)) {
    return {{name, false, nullptr, true, "2010-05-08"}, true, perform};
}
constexpr operation_row writes(std::string_view name,
                               operation_result (*perform)(operation_call&)) {
    return {{name, false, nullptr, true, "2010-05-08"}, false, perform};
}

/// What decides besides the caller and the resource: keys of the condition block.
struct operation_facts {
    const sts::tag_list* resource_tags = nullptr;  ///< aws:ResourceTag/…, iam:ResourceTag/…
    const sts::tag_list* request_tags = nullptr;   ///< aws:RequestTag/…, aws:TagKeys
    std::vector<std::pair<std::string, std::string>> more{};  ///< "iam:PolicyARN", …
    const std::vector<std::string>* tag_keys = nullptr;  ///< aws:TagKeys, of keys without values
};
/// AccessDenied unless the caller's policies allow `action` ("iam:CreateUser") on the resource.
/// Comes after the checks of the parameters' form and before anything that tells what exists. An
/// operation that concerns two resources asks twice.
base::result<void> authorize(operation_call& call, std::string_view action,
                             const std::string& resource_arn, const operation_facts& facts = {});

/// NoSuchEntity: "The user with name bob cannot be found."
base::error no_such(std::string_view noun, std::string_view name);
/// EntityAlreadyExists: "User with name bob already exists."
base::error already_exists(std::string_view noun, std::string_view name);
/// UnmodifiableEntity when a configuration file defines it: names the file.
base::result<void> check_not_of_file(const named& one, std::string_view noun);

/// A part of a sorted list, by the parameters Marker and MaxItems (1 to 1000, default 100).
struct page {
    std::string after;  ///< keys up to this one have been told; empty: from the start
    std::size_t most = 100;
};
/// ValidationError for a number out of range or a marker that is none of ours.
base::result<page> read_page(const operation_call& call);

/// Collects what a page holds, whatever order it comes in, without keeping more.
template <class Item>
class page_collector {
public:
    explicit page_collector(page wanted) : wanted_(std::move(wanted)) {}

    void offer(std::string_view key, const Item& item) {
        if (key <= wanted_.after) return;
        if (kept_.size() > wanted_.most && key >= kept_.rbegin()->first) return;
        kept_.emplace(key, item);
        if (kept_.size() > wanted_.most + 1) kept_.erase(std::prev(kept_.end()));
    }
    bool truncated() const { return kept_.size() > wanted_.most; }
    /// In the order of their keys; at most as many as were wanted.
    std::vector<std::pair<std::string, Item>> items() const {
        std::vector<std::pair<std::string, Item>> out(kept_.begin(), kept_.end());
        if (truncated()) out.pop_back();
        return out;
    }

private:
    page wanted_;
    std::map<std::string, Item, std::less<>> kept_;
};
/// IsTruncated, and Marker when there is more behind `last_key`.
void add_paging(std::vector<sts::result_node>& answer, bool truncated, std::string_view last_key);
/// A page as answers have it: the list, each item as `show(item)`, and the paging.
template <class Item, class Show>
void add_list(std::vector<sts::result_node>& answer, std::string_view name,
              const page_collector<Item>& found, Show&& show) {
    std::vector<sts::result_node> members;
    std::string last;
    for (auto& [key, item] : found.items()) {
        members.push_back(show(item));
        last = key;
    }
    answer.push_back(sts::result_node::list(name, std::move(members)));
    add_paging(answer, found.truncated(), last);
}

/// Of all operations in one file below operations/.
std::span<const operation_row> user_operations();
std::span<const operation_row> user_tag_operations();
std::span<const operation_row> access_key_operations();
std::span<const operation_row> absent_credential_operations();
std::span<const operation_row> group_operations();
std::span<const operation_row> group_membership_operations();
std::span<const operation_row> inline_policy_operations();
std::span<const operation_row> attached_policy_operations();
std::span<const operation_row> account_operations();
std::span<const operation_row> authorization_detail_operations();
std::span<const operation_row> simulation_operations();
std::span<const operation_row> role_operations();
std::span<const operation_row> role_change_operations();
std::span<const operation_row> managed_policy_operations();
std::span<const operation_row> policy_version_operations();
std::span<const operation_row> policy_entity_operations();
std::span<const operation_row> instance_profile_operations();

}  // namespace iam
