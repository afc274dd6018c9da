#include "daemon/attached_profile.hpp"

namespace daemon_ {

namespace {

/// Names are compared in exact case: so are ARNs, and two spellings of one name help nobody.
const iam::instance_profile* find(const profile::attached_instance_profile& wanted,
                                  const iam::directory& known) {
    const iam::instance_profile* found = known.instance_profile_of(wanted.account, wanted.name);
    if (found == nullptr || found->name != wanted.name) return nullptr;
    return wanted.path.empty() || wanted.path == found->path ? found : nullptr;
}

}  // namespace

attachment attachment_of(profile::attached_instance_profile named, const iam::directory& known) {
    attachment out{std::move(named), std::nullopt};
    profile::attached_instance_profile& attached = out.instance_profile;
    const iam::instance_profile* found = find(attached, known);
    if (found == nullptr) {
        attached.problem = "account " + attached.account + " has no instance profile '" +
                           (attached.path.size() > 1 ? attached.path : "") + attached.name + "'";
        return out;
    }
    attached.arn = known.arn_of(*found);
    attached.unique_id = found->unique_id;
    if (found->role.empty()) {
        attached.problem = "instance profile " + attached.arn + " contains no role";
        return out;
    }
    const iam::role* role = known.role_of(found->account, found->role);
    if (role == nullptr)
        attached.problem =
            "the role of instance profile " + attached.arn + ", '" + found->role + "', is gone";
    else
        out.role = profile::role{known.arn_of(*role), role->name, role->account};
    return out;
}

void attach_instance_profile(profile::role_profile& profile, const iam::directory& known) {
    if (!profile.instance_profile) return;
    attachment now = attachment_of(std::move(*profile.instance_profile), known);
    profile.instance_profile = std::move(now.instance_profile);
    profile.granted_role = std::move(now.role);
    if (!profile.instance_profile->arn.empty())
        profile.instance_profile_name = profile.instance_profile->name;
}

bool is_attached(const profile::role_profile& configured, const profile::role_profile& shown,
                 const iam::directory& known) {
    if (!configured.instance_profile) return true;
    const attachment now = attachment_of(*configured.instance_profile, known);
    return shown.instance_profile == now.instance_profile && shown.granted_role == now.role;
}

}  // namespace daemon_
