#include "daemon/held_session.hpp"

#include "sts/session/session_token.hpp"

namespace daemon_ {

std::optional<held_session> held_session::of(const aws::credentials& held,
                                             std::string_view partition, const sts::key_ring& keys,
                                             base::wall_time now) {
    auto facts =
        sts::open_session(held.session_token.reveal(), held.access_key_id, partition, keys, now);
    if (!facts) return std::nullopt;
    held_session out;
    out.access_key_id_ = held.access_key_id;
    out.account_ = std::move(facts->account);
    out.principal_id_ = std::move(facts->principal_id);
    out.session_id_ = std::move(facts->session_id);
    if (facts->kind == sts::session::type::assumed_role) {
        out.role_path_ = std::move(facts->role_path);
        out.role_name_ = std::move(facts->role_name);
    }
    out.issued_ = facts->issued;
    return out;
}

held_session::verdict held_session::judge(const iam::directory& known, base::wall_time now) const {
    verdict out;
    if (!role_name_.empty()) {
        // A new role of the same name is another principal.
        const iam::role* role = known.role_of(account_, role_name_);
        out.dead = role == nullptr || role->name != role_name_ || role->path != role_path_ ||
                   role->unique_id != principal_id_;
    }
    if (out.dead ||
        !known.is_revoked({account_, principal_id_, session_id_, access_key_id_, issued_}))
        return out;
    out.dead = true;
    const auto mark = known.find(iam::entity_kind::revocation,
                                 iam::key_of(iam::revocation::type::principal, principal_id_));
    if (mark != nullptr && std::get<iam::revocation>(*mark).before > now)
        out.until = std::get<iam::revocation>(*mark).before;
    return out;
}

}  // namespace daemon_
