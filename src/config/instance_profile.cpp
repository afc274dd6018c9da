#include "config/instance_profile.hpp"

#include <algorithm>

#include "aws/arn.hpp"
#include "iam/limits.hpp"

namespace config {

namespace {

constexpr std::string_view resource_type = "instance-profile";

/// The account that a name without one means; empty: reported.
std::string default_account(const node& value, const configuration& so_far, context with) {
    if (!so_far.first_account.empty()) return so_far.first_account;
    if (so_far.accounts.size() == 1) return so_far.accounts.front().id;
    with.out.error(value.at,
                   "a name needs one account in 'issuer' ('account', or a single one in "
                   "'accounts'); write the ARN: arn:" +
                       so_far.issuer.partition + ":iam::ACCOUNT:instance-profile/" + value.text);
    return {};
}

/// False: reported.
bool read_arn(const node& value, const configuration& so_far,
              profile::attached_instance_profile& into, context with) {
    const auto refuse = [&](const std::string& why) {
        with.out.error(value.at, quoted(value.text) + ": " + why);
        return false;
    };
    const auto parsed = aws::arn::parse(value.text);
    if (!parsed) return refuse(parsed.error().message);
    const auto slash = parsed->resource.find('/');
    if (parsed->service != "iam" || !parsed->region.empty() ||
        parsed->resource.substr(0, slash) != resource_type || slash == std::string::npos ||
        !aws::is_account_id(parsed->account)) {
        return refuse(
            "the ARN of an instance profile is like "
            "arn:aws:iam::123456789012:instance-profile/path/name");
    }
    if (parsed->partition != so_far.issuer.partition)
        return refuse("the issuer is in partition " + quoted(so_far.issuer.partition));
    into.account = parsed->account;
    const auto last = parsed->resource.rfind('/');
    into.name = parsed->resource.substr(last + 1);
    into.path = parsed->resource.substr(slash, last - slash + 1);
    if (!aws::is_role_path(into.path)) return refuse("its path must be / or like /team/");
    return true;
}

}  // namespace

std::optional<instance_profile_reference> read_instance_profile_reference(
    const node& value, const configuration& so_far, context with) {
    if (!read_text(value, "instance_profile", with.out)) return std::nullopt;
    instance_profile_reference out;
    profile::attached_instance_profile& named = out.named;
    named.partition = so_far.issuer.partition;
    if (value.text.starts_with("arn:")) {
        if (!read_arn(value, so_far, named, with)) return std::nullopt;
    } else {
        named.name = value.text;
    }
    if (!iam::is_name(named.name, iam::long_name_characters)) {
        with.out.error(value.at, "'instance_profile' is a name of 1 to " +
                                     std::to_string(iam::long_name_characters) +
                                     " letters, digits and _+=,.@-, or an ARN");
        return std::nullopt;
    }
    if (named.account.empty()) named.account = default_account(value, so_far, with);
    if (named.account.empty()) return std::nullopt;

    const auto& accounts = so_far.accounts;
    const auto account = std::find_if(accounts.begin(), accounts.end(),
                                      [&](const auto& a) { return a.id == named.account; });
    std::vector<std::string_view> known;
    if (account != accounts.end()) {
        for (const sts::instance_profile_definition& one : account->instance_profiles) {
            known.push_back(one.name);
            if (one.name != named.name) continue;
            if (!named.path.empty() && named.path != one.path) {
                with.out.error(value.at, "the path of instance profile " + quoted(one.name) +
                                             " is " + quoted(one.path));
            }
            for (const sts::role_definition& role : account->roles)
                if (role.name == one.role) out.role = &role;
            return out;
        }
    }
    if (so_far.store.where == store_options::kind::memory) {
        with.out.error(value.at, "account " + named.account + " in issuer.accounts has no " +
                                     "instance profile " + quoted(named.name) +
                                     ", and 'store: memory' has none to begin with" +
                                     suggestion(named.name, known));
    }
    return out;
}

}  // namespace config
