#pragma once

#include <string>
#include <string_view>

#include "base/secret.hpp"

namespace container {

/// What a workload must show besides being who it is: ids and token of its binding.
struct binding_identifiers {
    std::string credentials_id;  ///< UUID form, as in /v2/credentials/{id}
    std::string endpoint_id;     ///< UUID form, as in /v4/{id}
    base::secret token;          ///< value of Authorization
};

/// Derives the identifiers of bindings from one secret: the same as long as secret and binding
/// stay, over restarts and reloads; nobody without the secret can tell them.
class identifier_mint {
public:
    explicit identifier_mint(std::string_view secret) : secret_(secret) {}
    /// `binding`: a text that names the binding's criteria and profile.
    binding_identifiers mint(std::string_view binding) const;

private:
    base::secret secret_;
};

/// Compared in a time that depends on the lengths only. Empty never equals.
bool same_identifier(std::string_view shown, std::string_view own);

}  // namespace container
