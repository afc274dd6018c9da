#include "config/policies.hpp"

#include "config/json_value.hpp"
#include "policy/document.hpp"

namespace config {

namespace {

std::optional<std::string> read_policy(const node& value, std::string_view key,
                                       policy::document_kind kind, std::string_view partition,
                                       context with) {
    auto text = read_json_object(value, key, with);
    if (!text) return std::nullopt;
    if (const auto parsed = policy::document::parse(*text, kind, partition); !parsed) {
        with.out.error(value.at, quoted(key) + ": " + parsed.error().message);
        return std::nullopt;
    }
    return text;
}

}  // namespace

std::optional<std::string> read_session_policy(const node& value, std::string_view key,
                                               std::string_view partition, context with) {
    return read_policy(value, key, policy::document_kind::session, partition, with);
}

std::optional<std::string> read_trust_policy(const node& value, std::string_view key,
                                             context with) {
    return read_policy(value, key, policy::document_kind::trust, policy::any_partition, with);
}

std::optional<std::string> read_verification_policy(const node& value, std::string_view key,
                                                    std::string_view partition, context with) {
    return read_policy(value, key, policy::document_kind::resource, partition, with);
}

std::optional<std::string> read_managed_policy(const node& value, std::string_view key,
                                               std::string_view partition, context with) {
    // A managed policy can be a boundary, and its limits are those of one.
    return read_policy(value, key, policy::document_kind::boundary, partition, with);
}

text_pairs read_policies(const node& value, std::string_view key, std::string_view partition,
                         context with) {
    text_pairs policies;
    each_named(value, key, with.out, [&](const node::entry& entry) {
        if (auto text = read_policy(entry.value, entry.key, policy::document_kind::identity,
                                    partition, with))
            policies.emplace_back(entry.key, std::move(*text));
    });
    return policies;
}

}  // namespace config
