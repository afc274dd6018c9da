#pragma once

#include <string_view>

#include "policy/principal.hpp"

namespace policy {

/// The action with which a principal of a trust policy assumes the role.
inline const char* assuming_action(const principal_element& e) {
    if (e.kind() != principal_element::type::federated) return "sts:AssumeRole";
    return e.value().find(":saml-provider/") != std::string_view::npos
               ? "sts:AssumeRoleWithSAML"
               : "sts:AssumeRoleWithWebIdentity";
}

}  // namespace policy
