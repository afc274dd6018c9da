#include "iam/operations/simulation_source.hpp"

#include "aws/arn.hpp"
#include "iam/operations/policy_holder.hpp"
#include "iam/operations/role_target.hpp"
#include "sts/wire_error.hpp"

namespace iam {

namespace {

constexpr std::size_t longest_document = 131'072;
constexpr std::size_t most_documents = 100;

/// "user/team/bob": what is before the first slash, and what is behind the last.
std::pair<std::string_view, std::string_view> parts_of(std::string_view resource) {
    const auto first = resource.find('/');
    if (first == std::string_view::npos) return {};
    return {resource.substr(0, first), resource.substr(resource.rfind('/') + 1)};
}

template <class Entity>
const Entity* exactly(const Entity* found, const directory& among, std::string_view arn) {
    return found != nullptr && among.arn_of(*found) == arn ? found : nullptr;
}

}  // namespace

base::result<simulation_source> find_source(operation_call& call, std::string_view action,
                                            const std::string& arn) {
    const auto parsed = aws::arn::parse(arn);
    const auto [kind, name] =
        parsed ? parts_of(parsed->resource) : std::pair<std::string_view, std::string_view>();
    const bool known = kind == "user" || kind == "group" || kind == "role";
    if (!parsed || parsed->service != "iam" || !known || name.empty())
        return sts::wire_error("InvalidInput", "Invalid Entity Arn: " + arn +
                                                   " does not clearly define entity type and "
                                                   "name.");
    simulation_source out;
    out.arn = arn;
    const sts::tag_list* tags = nullptr;
    if (parsed->account == call.account) {
        if (kind == "user") {
            out.of_user = exactly(call.now.user_of(call.account, name), call.now, arn);
            if (out.of_user != nullptr) tags = &out.of_user->tags;
        } else if (kind == "group") {
            out.of_group = exactly(call.now.group_of(call.account, name), call.now, arn);
        } else {
            out.of_role = exactly(call.now.role_of(call.account, name), call.now, arn);
            if (out.of_role != nullptr) tags = &out.of_role->tags;
        }
    }
    operation_facts facts;
    facts.resource_tags = tags;
    if (const auto may = authorize(call, action, arn, facts); !may) return may.error();
    if (out.of_user == nullptr && out.of_group == nullptr && out.of_role == nullptr)
        return no_such(kind, name);
    return out;
}

base::result<void> add_policies(const simulation_source& of, const directory& among,
                                simulated_policies& to) {
    if (of.of_user != nullptr) return to.add_all_of(*of.of_user, among);
    if (of.of_group != nullptr) return to.add_all_of(*of.of_group, among);
    return to.add_all_of(*of.of_role, among);
}

base::result<policy_texts> policy_texts::read(const operation_call& call,
                                              std::string_view parameter) {
    const auto given = call.given.scalars(parameter);
    if (!given) return given.error();
    policy_texts out;
    for (const sts::parameters::element& one : *given)
        out.texts.push_back(one.text(""));
    return out;
}

void policy_texts::check(sts::constraints& c, std::string_view member) const {
    const std::size_t looked_at = c.count(texts.size(), member, most_documents);
    for (std::size_t i = 0; i < looked_at; ++i) {
        const std::string each = std::string(member) + "." + std::to_string(i + 1) + ".member";
        c.required(texts[i], each);
        c.text(texts[i], each, {1, longest_document}, &sts::policy_characters);
    }
}

base::result<void> add_policies(const policy_texts& from, simulated_policies& to) {
    for (std::size_t i = 0; i < from.texts.size(); ++i) {
        const auto good =
            to.add_identity("PolicyInputList." + std::to_string(i + 1), "none", *from.texts[i]);
        if (!good) return good;
    }
    return {};
}

void put_count(boost::json::object& out, std::string_view member, std::size_t count) {
    if (count > 0) out[std::string(member) + "Count"] = count;
}

}  // namespace iam
