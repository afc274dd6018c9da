#pragma once

#include <cstddef>
#include <string_view>

#include "policy/context.hpp"
#include "policy/document.hpp"
#include "policy/principal.hpp"

namespace policy {

struct request {
    std::string_view action;    ///< "sts:AssumeRole"
    std::string_view resource;  ///< an ARN
};

enum class effect { implicit_deny, allow, explicit_deny };
/// "implicitDeny", "allow", "explicitDeny"
const char* to_string(effect outcome);

/// What one document says. `statement` is meaningful unless the denial is implicit.
struct decision {
    effect outcome = effect::implicit_deny;
    std::size_t statement = 0;
    /// Documents with principals: the most direct way in which an allowing statement names the
    /// caller.
    principal_match match = principal_match::none;
};

/// A document without principals (identity, boundary, session, service control). Others deny.
decision evaluate(const document& policy, const request& asked, const context& facts);
/// A document with principals (resource, trust, resource control). Others deny. A trust policy
/// stands for its role: the resource is not compared.
decision evaluate_resource(const document& policy, const request& asked, const principal& caller,
                           const context& facts);
/// A trust policy; other kinds deny.
decision evaluate_trust(const document& policy, std::string_view action, const principal& caller,
                        const context& facts);

/// The parts of a statement's decision, for those who explain or analyse it.
bool action_applies(const statement& s, std::string_view action);
bool resource_applies(const statement& s, std::string_view resource, const context& facts);
/// `scratch` is room for values of variables, worth keeping over many statements.
bool resource_applies(const statement& s, std::string_view resource, const context& facts,
                      std::string& scratch);
/// NotPrincipal: `none` for a caller who is excepted, else `direct`.
principal_match principal_applies(const statement& s, const principal& caller);
verdict conditions_hold(const statement& s, const context& facts);

}  // namespace policy
