#include "iam/entities.hpp"

#include <algorithm>

#include "policy/unicode.hpp"

namespace iam {

namespace {

struct key_maker {
    std::string operator()(const account& one) const { return one.id; }
    std::string operator()(const named& one) const { return key_of(one.account, one.name); }
    std::string operator()(const revocation& one) const { return key_of(one.kind, one.subject); }
};

}  // namespace

const policy_version& managed_policy::in_force() const {
    const auto found =
        std::find_if(versions.begin(), versions.end(),
                     [&](const policy_version& one) { return one.number == default_version; });
    return found == versions.end() ? versions.back() : *found;
}

std::string key_of(const entity& value) {
    return std::visit(key_maker{}, value);
}

std::string key_of(std::string_view account, std::string_view name) {
    return std::string(account) + "/" + policy::lower_case(name);
}

std::string key_of(revocation::type kind, std::string_view subject) {
    const char* prefix = kind == revocation::type::principal ? "principal/"
                         : kind == revocation::type::session ? "session/"
                                                             : "key/";
    return prefix + std::string(subject);
}

change put(entity value) {
    const entity_kind kind = kind_of(value);
    std::string key = key_of(value);
    return {kind, std::move(key), std::make_shared<const entity>(std::move(value))};
}

change removal(entity_kind kind, std::string key) {
    return {kind, std::move(key), nullptr};
}

}  // namespace iam
