#include "iam/operations/simulated_policies.hpp"

#include <set>

#include "sts/wire_error.hpp"

namespace iam {

namespace {

std::string_view type_of(const managed_policy& one) {
    return one.account == sts::managed_by_provider ? "aws-managed" : "user-managed";
}

}  // namespace

base::result<const simulated_policies::source*> simulated_policies::read(
    std::string id, std::string_view type, std::string text, policy::document_kind kind) {
    auto parsed = policy::document::parse(text, kind);
    if (!parsed) return sts::wire_error("InvalidInput", id + ": " + parsed.error().message);
    all_.push_back({std::move(id), type, std::move(text), std::move(*parsed)});
    return &all_.back();
}

base::result<void> simulated_policies::add_identity(std::string id, std::string_view type,
                                                    std::string text) {
    const auto made = read(std::move(id), type, std::move(text), policy::document_kind::identity);
    if (!made) return made.error();
    identity_.push_back({(*made)->id, &(*made)->document});
    return {};
}

base::result<void> simulated_policies::set_boundary(std::string id, std::string_view type,
                                                    std::string text) {
    const auto made = read(std::move(id), type, std::move(text), policy::document_kind::boundary);
    if (!made) return made.error();
    boundary_ = *made;
    return {};
}

base::result<void> simulated_policies::set_resource(std::string text, const directory& among) {
    const auto made =
        read("ResourcePolicy", "resource", std::move(text), policy::document_kind::resource);
    if (!made) return made.error();
    all_.back().document.bind([&](std::string_view arn) -> std::optional<std::string> {
        std::string id = among.id_of_arn(arn);
        if (id.empty()) return std::nullopt;
        return id;
    });
    resource_ = *made;
    return {};
}

template <class Holder>
base::result<void> simulated_policies::add_held(const Holder& one, std::string_view type,
                                                const directory& among) {
    for (const auto& [name, text] : one.policies) {
        // A user and its groups may have policies of one name.
        const auto good = add_identity(std::string(type) + "/" + one.name + "/" + name, type, text);
        if (!good) return good;
    }
    for (const std::string& arn : one.attached) {
        const managed_policy* found = among.policy_by_arn(arn);
        if (found == nullptr || find(policy::policy_type::identity, arn) != nullptr) continue;
        const auto good = add_identity(arn, type_of(*found), found->in_force().document);
        if (!good) return good;
    }
    return {};
}

base::result<void> simulated_policies::add_boundary(const std::string& arn,
                                                    const directory& among) {
    if (arn.empty()) return {};
    const managed_policy* found = among.policy_by_arn(arn);
    // Calls of such a principal fail, too.
    if (found == nullptr)
        return sts::wire_error("NoSuchEntity",
                               "The permissions boundary " + arn + " cannot be found.");
    return set_boundary(arn, type_of(*found), found->in_force().document);
}

base::result<void> simulated_policies::add_all_of(const user& one, const directory& among) {
    if (const auto good = add_held(one, "user", among); !good) return good;
    for (const std::string& name : one.groups) {
        const group* found = among.group_of(one.account, name);
        if (found == nullptr)
            return sts::wire_error("NoSuchEntity",
                                   "The group with name " + name + " cannot be found.");
        if (const auto good = add_held(*found, "group", among); !good) return good;
    }
    return add_boundary(one.boundary, among);
}

base::result<void> simulated_policies::add_all_of(const group& one, const directory& among) {
    return add_held(one, "group", among);
}

base::result<void> simulated_policies::add_all_of(const role& one, const directory& among) {
    if (const auto good = add_held(one, "role", among); !good) return good;
    return add_boundary(one.boundary, among);
}

void simulated_policies::fill(policy::question& asked) const {
    asked.identity = identity_;
    if (boundary_ != nullptr)
        asked.boundary = policy::attached{boundary_->id, &boundary_->document};
    if (resource_ != nullptr)
        asked.resource_policy = policy::attached{resource_->id, &resource_->document};
}

const simulated_policies::source* simulated_policies::find(policy::policy_type type,
                                                           std::string_view id) const {
    if (type == policy::policy_type::boundary) return boundary_;
    if (type == policy::policy_type::resource) return resource_;
    for (const policy::attached& one : identity_) {
        if (one.name != id) continue;
        for (const source& each : all_) {
            if (&each.document == one.text) return &each;
        }
    }
    return nullptr;
}

std::size_t simulated_policies::bytes() const {
    std::size_t out = 0;
    for (const source& each : all_)
        out += each.text.size();
    return out;
}

std::vector<std::string> simulated_policies::context_keys() const {
    std::vector<std::string> keys;
    for (const source& each : all_) {
        for (const policy::statement& one : each.document.statements()) {
            for (const policy::condition& c : one.conditions) {
                keys.push_back(c.key());
                c.add_variable_keys(keys);
            }
            for (const policy::pattern& p : one.resources)
                p.add_variable_keys(keys);
        }
    }
    const std::set<std::string> sorted(keys.begin(), keys.end());
    return {sorted.begin(), sorted.end()};
}

}  // namespace iam
