#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "policy/authorize.hpp"

namespace policy {

/// A user or role that is defined, as callers. Borrows its policies.
struct known_principal {
    principal who;    ///< of a role: one of its sessions, whose name is not known
    std::string arn;  ///< of the user or role
    std::vector<attached> identity;
    std::optional<attached> boundary;
    /// Tags, as context keys aws:PrincipalTag/*; the analysis adds what follows from `who`.
    context tags;
};

struct known_role {
    std::size_t principal = 0;  ///< index: the role itself as a caller
    const document* trust = nullptr;
    context tags;  ///< as aws:ResourceTag/* and iam:ResourceTag/*
};

/// All that is defined.
struct estate {
    std::set<std::string, std::less<>> accounts;
    std::vector<known_principal> principals;
    std::vector<known_role> roles;
    /// Conditions on the time that can no longer hold are told from those that may. None: all may.
    std::optional<base::wall_time> now{};

    const known_principal* find(std::string_view arn) const;
    const known_role* find_role(std::string_view arn) const;
};

/// Without a request many condition keys have no value yet: the answer then depends on them.
enum class certainty { no, conditional, yes };
const char* to_string(certainty c);  ///< "no", "conditional", "yes"

/// That someone may assume a role.
struct access {
    std::string principal;  ///< ARN; of those not defined: the Principal element's text
    std::string role;       ///< ARN
    std::string action;     ///< "sts:AssumeRole", "sts:AssumeRoleWithSAML", …
    bool defined = true;    ///< false: from outside of the estate, its policies are unknown
    certainty can = certainty::no;
    /// What must hold, and what must not ("unless …").
    std::vector<std::string> conditions;
    std::string granted_by;  ///< statement of the trust policy
};

/// Who can assume a role: defined principals, and what its trust names beyond them. Only those that
/// can.
std::vector<access> who_can_assume(const estate& all, const known_role& role);
/// What a defined principal can assume.
std::vector<access> what_can_assume(const estate& all, const known_principal& by);
/// What any other can: an account (12 digits, or its root's ARN: everyone in it), one session of a
/// role, a service, a provider, someone from elsewhere. Nothing: the text names no principal, or
/// one of our accounts that is not defined.
std::optional<std::vector<access>> what_can_assume(const estate& all, std::string_view by);

struct finding {
    enum class kind {
        public_access,           ///< everyone, without Condition
        external_unconditional,  ///< an account that is not defined here, without Condition
        missing_external_id,     ///< such an account, and no sts:ExternalId
        external_access,         ///< such an account, with conditions; for the record
        service_source,          ///< a service, without aws:SourceArn, SourceAccount or SourceOrgID
        provider_subject,        ///< an OIDC provider without :sub and :aud
        unknown_principal,       ///< a user or role of an account of ours that does not exist
        unknown_provider,        ///< an identity provider of an account that is not defined
        unused_trust,            ///< nobody can assume the role, or ever by that statement
    };
    kind what;
    std::string role;       ///< ARN
    std::string statement;  ///< Sid or place; empty: of the whole trust
    std::string principal;
    std::string message;
};
const char* to_string(finding::kind what);  ///< "public-access", …
/// Whether it asks for a change; external_access does not.
bool is_problem(finding::kind what);

/// What an access analyzer would say about all trusts.
std::vector<finding> find_all(const estate& all);

}  // namespace policy
