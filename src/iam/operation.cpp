#include "iam/operation.hpp"

#include <utility>

#include "encoding/base64.hpp"
#include "sts/audit.hpp"
#include "sts/authorization.hpp"
#include "sts/query/constraints.hpp"
#include "sts/request_facts.hpp"
#include "sts/wire_error.hpp"

namespace iam {

namespace {

/// Those of earlier questions of the same call stay.
void add_decisions(boost::json::object& additional, boost::json::object told) {
    for (auto& [name, value] : told) {
        boost::json::value* before = additional.if_contains(name);
        if (before != nullptr && before->is_array() && value.is_array()) {
            for (boost::json::value& one : value.get_array())
                before->get_array().push_back(std::move(one));
        } else {
            additional[name] = std::move(value);
        }
    }
}

}  // namespace

base::result<void> authorize(operation_call& call, std::string_view action,
                             const std::string& resource_arn, const operation_facts& facts) {
    auto decision = sts::authorization_check::of_resource(call.made, resource_arn);
    if (!decision) return decision.error();
    policy::context known = sts::caller_facts(call.made);
    if (facts.resource_tags != nullptr) {
        for (const auto& [key, value] : *facts.resource_tags) {
            known.set("aws:ResourceTag/" + key, value);
            known.set("iam:ResourceTag/" + key, value);
        }
    }
    if (facts.request_tags != nullptr) sts::add_tag_facts(known, *facts.request_tags);
    if (facts.tag_keys != nullptr) known.set_many("aws:TagKeys", *facts.tag_keys);
    known.set("aws:ResourceAccount", call.account);
    for (const auto& [key, value] : facts.more)
        known.set(key, value);
    const auto allowed = decision->allow(action, known);
    boost::json::object told;
    decision->tell(told);
    add_decisions(call.record.additional, std::move(told));
    return allowed;
}

base::error no_such(std::string_view noun, std::string_view name) {
    return sts::wire_error("NoSuchEntity", "The " + std::string(noun) + " with name " +
                                               std::string(name) + " cannot be found.");
}

base::error already_exists(std::string_view noun, std::string_view name) {
    return sts::wire_error("EntityAlreadyExists", std::string(noun) + " with name " +
                                                      std::string(name) + " already exists.");
}

base::result<void> check_not_of_file(const named& one, std::string_view noun) {
    if (one.owned_by.empty()) return {};
    if (one.owned_by == sts::managed_by_provider)
        return sts::wire_error("AccessDenied", "Cannot change the AWS managed " +
                                                   std::string(noun) + " " + one.name + ".");
    return sts::wire_error("UnmodifiableEntity", "The " + std::string(noun) + " " + one.name +
                                                     " is defined by " + one.owned_by +
                                                     " and cannot be changed by this API.");
}

base::result<page> read_page(const operation_call& call) {
    constexpr std::size_t default_items = 100;
    constexpr std::int64_t most_items = 1000;
    const auto items = call.given.integer("MaxItems");
    if (!items) return items.error();
    const auto marker = call.given.text("Marker");
    sts::put(call.record.request_parameters, "maxItems", *items);
    sts::put(call.record.request_parameters, "marker", marker);
    sts::constraints c;
    c.range(*items, "maxItems", 1, most_items);
    c.text(marker, "marker", {1}, nullptr);
    if (const auto done = c.check(); !done) return done.error();
    page out;
    out.most = *items ? std::size_t(**items) : default_items;
    if (!marker) return out;
    auto key = encoding::decode_base64url(*marker);
    if (!key || key->empty())
        return sts::wire_error("ValidationError", "Invalid Marker: it is none that was given out.");
    out.after = std::move(*key);
    return out;
}

void add_paging(std::vector<sts::result_node>& answer, bool truncated, std::string_view last_key) {
    answer.push_back(sts::result_node::text("IsTruncated", truncated ? "true" : "false"));
    if (truncated)
        answer.push_back(sts::result_node::text("Marker", encoding::base64url(last_key, false)));
}

}  // namespace iam
