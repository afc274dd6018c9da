#include "iam/trust_binding.hpp"

#include <algorithm>
#include <optional>

#include "policy/document.hpp"

namespace iam {

trust_binding trusted_ids_of(std::string_view trust_policy, const directory& among) {
    trust_binding out;
    auto document = policy::document::parse(trust_policy, policy::document_kind::trust);
    if (!document) return out;
    out.unknown = document->bind([&](std::string_view arn) -> std::optional<std::string> {
        std::string id = among.id_of_arn(arn);
        if (id.empty()) return std::nullopt;
        const auto same = [&](const auto& known) { return known.first == arn; };
        if (std::none_of(out.known.begin(), out.known.end(), same))
            out.known.emplace_back(std::string(arn), id);
        return id;
    });
    return out;
}

}  // namespace iam
