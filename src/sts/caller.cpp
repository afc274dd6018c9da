#include "sts/caller.hpp"

#include "aws/arn.hpp"
#include "sts/instance_role.hpp"
#include "sts/wire_error.hpp"

namespace sts {

namespace {

constexpr std::string_view stand_in_secret = "0000000000000000000000000000000000000000";

base::error invalid_token() {
    return wire_error("InvalidClientTokenId",
                      "The security token included in the request is invalid");
}

base::error bad_signature() {
    return wire_error(
        "SignatureDoesNotMatch",
        "The request signature we calculated does not match the signature you provided. Check "
        "your AWS Secret Access Key and signing method. Consult the service documentation for "
        "details.");
}

base::result<void> verify(const http::request& request, const sigv4::claim& claim,
                          std::string_view secret) {
    const auto matched = sigv4::matches(request, claim, secret);
    if (!matched) {
        if (matched.error().code.empty())
            return wire_error("IncompleteSignature", matched.error().message);
        return matched.error();
    }
    if (!*matched) return bad_signature();
    return {};
}

caller long_term(const access_key_record& key, std::string_view partition) {
    caller out;
    out.access_key_id = key.id;
    out.principal.account = key.account;
    if (key.user == nullptr) {
        out.principal.kind = policy::principal::type::account_root;
        out.principal.arn = "arn:" + std::string(partition) + ":iam::" + key.account + ":root";
        out.user_id = key.account;
        return out;
    }
    out.user = key.user;
    out.principal.kind = policy::principal::type::user;
    out.principal.arn = key.user->arn;
    out.principal.unique_id = key.user->unique_id;
    out.user_id = key.user->unique_id;
    return out;
}

base::result<caller> temporary(session facts, std::string_view access_key_id,
                               const authentication& with) {
    caller out;
    if (facts.kind == session::type::instance_identity) {
        // No store has this role, and no policy is attached to it: it has no permissions.
        out.principal.role_arn = instance_role_arn(with.partition, facts.account);
    } else {
        out.role = with.principals.find_role(facts.account, facts.role_path, facts.role_name);
        // A session ends with its role; a new role of the same name is another principal.
        if (out.role == nullptr || out.role->unique_id != facts.principal_id)
            return invalid_token();
        out.principal.role_arn = out.role->arn;
    }
    out.access_key_id = access_key_id;
    out.principal.kind = policy::principal::type::role_session;
    out.principal.account = facts.account;
    out.principal.arn =
        aws::assumed_role_arn(with.partition, facts.account, facts.role_name, facts.session_name);
    out.principal.unique_id = facts.principal_id;
    out.user_id = facts.principal_id + ":" + facts.session_name;
    out.through = std::move(facts);
    return out;
}

}  // namespace

const std::vector<named_policy>& caller::policies() const {
    static const std::vector<named_policy> none;
    return user != nullptr ? user->policies : role != nullptr ? role->policies : none;
}

const tag_list& caller::own_tags() const {
    static const tag_list none;
    return user != nullptr ? user->tags : role != nullptr ? role->tags : none;
}

caller service_caller(std::string_view service_principal) {
    caller out;
    out.principal.kind = policy::principal::type::service;
    out.principal.service = service_principal;
    return out;
}

base::result<caller> authenticate(const http::request& request, const sigv4::claim& claim,
                                  const authentication& with) {
    const auto key = with.principals.find_access_key(claim.access_key_id);
    if (key != nullptr && key->active && !claim.session_token) {
        if (auto proven = verify(request, claim, key->secret.reveal()); !proven)
            return proven.error();
        return long_term(*key, with.partition);
    }
    if (key == nullptr && claim.session_token) {
        auto facts = open_session(*claim.session_token, claim.access_key_id, with.partition,
                                  with.keys, with.now);
        if (facts) {
            if (!claim.session_token_signed) return bad_signature();
            if (auto proven = verify(request, claim, facts->secret_access_key.reveal()); !proven)
                return proven.error();
            return temporary(std::move(*facts), claim.access_key_id, with);
        }
        if (facts.error().code == "ExpiredToken") return facts.error();
    }
    // The same work as for a known key, so that time does not tell them apart.
    (void)sigv4::matches(request, claim, stand_in_secret);
    return invalid_token();
}

}  // namespace sts
