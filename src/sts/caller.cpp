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

using type = policy::principal::type;

void be_root(caller& out, std::string_view account, std::string_view partition) {
    out.principal.kind = type::account_root;
    out.principal.account = account;
    out.principal.arn = aws::root_arn(partition, account);
    out.user_id = account;
}

void be_user(caller& out, std::shared_ptr<const user_record> user) {
    out.principal.kind = type::user;
    out.principal.account = user->account;
    out.principal.arn = user->arn;
    out.principal.unique_id = user->unique_id;
    out.user_id = user->unique_id;
    out.user = std::move(user);
}

caller long_term(const access_key_record& key, std::string_view partition) {
    caller out;
    out.access_key_id = key.id;
    if (key.user == nullptr) {
        be_root(out, key.account, partition);
    } else {
        be_user(out, key.user);
    }
    return out;
}

/// False: the role is gone. A new one of the same name is another principal.
bool be_role_session(caller& out, const session& facts, const authentication& with) {
    if (facts.kind == session::type::instance_identity) {
        // No store has this role, and no policy is attached to it: it has no permissions.
        out.principal.role_arn = instance_role_arn(with.partition, facts.account);
    } else {
        out.role = with.principals.find_role(facts.account, facts.role_path, facts.role_name);
        if (out.role == nullptr || out.role->unique_id != facts.principal_id) return false;
        out.principal.role_arn = out.role->arn;
    }
    out.principal.kind = type::role_session;
    out.principal.account = facts.account;
    out.principal.arn =
        aws::assumed_role_arn(with.partition, facts.account, facts.role_name, facts.session_name);
    out.principal.unique_id = facts.principal_id;
    out.user_id = facts.principal_id + ":" + facts.session_name;
    return true;
}

/// As above, for the user behind a session.
bool be_user_of(caller& out, const session& facts, const authentication& with) {
    auto user = with.principals.find_user(facts.account, facts.user_name);
    if (user == nullptr || user->unique_id != facts.principal_id) return false;
    be_user(out, std::move(user));
    return true;
}

bool be_federated_user(caller& out, const session& facts, const authentication& with) {
    if (facts.user_name.empty()) {
        if (!with.principals.has_account(facts.account)) return false;
    } else if (!be_user_of(out, facts, with)) {
        return false;
    }
    out.principal.kind = type::federated_user;
    out.principal.account = facts.account;
    out.principal.arn = aws::federated_user_arn(with.partition, facts.account, facts.session_name);
    out.principal.unique_id.clear();  // Principal elements that name the user do not mean it
    out.user_id = facts.account + ":" + facts.session_name;
    return true;
}

bool take_identity(caller& out, const session& facts, const authentication& with) {
    switch (facts.kind) {
        case session::type::assumed_role:
        case session::type::instance_identity:
            return be_role_session(out, facts, with);
        case session::type::user:
            return be_user_of(out, facts, with);
        case session::type::federated_user:
            return be_federated_user(out, facts, with);
        case session::type::root:
        case session::type::assumed_root:
            be_root(out, facts.account, with.partition);
            return with.principals.has_account(facts.account);
    }
    return false;
}

session copy_of(const session& from) {
    return {
        from.kind,         from.issued,       from.expires,         from.secret_access_key.clone(),
        from.account,      from.principal_id, from.role_path,       from.role_name,
        from.session_name, from.session_id,   from.source_identity, from.policy,
        from.tags,         from.user_name,    from.policy_arns};
}

/// A session whose token and signature are good.
base::result<caller> of_session(session facts, std::string_view access_key_id,
                                const authentication& with) {
    caller out;
    if (!take_identity(out, facts, with)) return invalid_token();
    if (with.principals.is_revoked(
            {facts.account, facts.principal_id, facts.session_id, access_key_id, facts.issued}))
        return invalid_token();
    out.access_key_id = access_key_id;
    out.through = std::move(facts);
    return out;
}

base::result<caller> temporary(session facts, std::string_view access_key_id,
                               const authentication& with) {
    if (!with.sessions_trusted)
        return wire_error("ServiceUnavailable",
                          "Temporary credentials cannot be checked for revocation at the moment.");
    return of_session(std::move(facts), access_key_id, with);
}

}  // namespace

const std::vector<named_policy>& caller::policies() const {
    static const std::vector<named_policy> none;
    return user != nullptr ? user->policies : role != nullptr ? role->policies : none;
}

const std::vector<std::string>& caller::managed_policies() const {
    static const std::vector<std::string> none;
    return user != nullptr   ? user->managed_policies
           : role != nullptr ? role->managed_policies
                             : none;
}

const std::string& caller::boundary() const {
    static const std::string none;
    return user != nullptr ? user->boundary : role != nullptr ? role->boundary : none;
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
            if (!claim.session_token_signed && !claim.session_token_may_be_unsigned)
                return bad_signature();
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

base::result<caller> known_again(const caller& by, const principal_store& in, const key_ring& keys,
                                 std::string_view partition) {
    const authentication with{in, keys, partition, {}};
    if (by.through) return of_session(copy_of(*by.through), by.access_key_id, with);
    const auto key = in.find_access_key(by.access_key_id);
    if (key == nullptr || !key->active) return invalid_token();
    caller out = long_term(*key, partition);
    // Another one may have got the key's id.
    if (out.user_id != by.user_id) return invalid_token();
    return out;
}

base::result<known_credentials> find_credentials(std::string_view access_key_id,
                                                 const std::optional<std::string>& session_token,
                                                 const authentication& with) {
    const auto key = with.principals.find_access_key(access_key_id);
    if (key != nullptr) {
        if (!key->active || session_token) return invalid_token();
        return known_credentials{long_term(*key, with.partition), key->secret.clone()};
    }
    if (!session_token) return invalid_token();
    auto facts = open_session(*session_token, access_key_id, with.partition, with.keys, with.now);
    if (!facts) return facts.error();
    base::secret secret = facts->secret_access_key.clone();
    auto owner = temporary(std::move(*facts), access_key_id, with);
    if (!owner) return owner.error();
    return known_credentials{std::move(*owner), std::move(secret)};
}

}  // namespace sts
