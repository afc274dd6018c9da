#include "daemon/revocations.hpp"

#include <algorithm>
#include <vector>

#include <boost/json/array.hpp>

#include "aws/arn.hpp"
#include "aws/identifiers.hpp"
#include "base/time_text.hpp"
#include "sts/session/key_ring.hpp"

namespace daemon_ {

namespace {

namespace json = boost::json;
using target = admin::revoke_request::target;
using type = iam::revocation::type;

constexpr const char* api_version = "imdsd/v1";
/// No session lives longer (GetFederationToken, GetSessionToken).
constexpr base::seconds longest_session = sts::session_key_verify_time;
constexpr std::size_t most_removed_at_once = 1000;

std::string_view to_string(type kind) {
    switch (kind) {
        case type::principal:
            return "principal";
        case type::session:
            return "session";
        case type::temporary_key:
            return "temporary_key";
    }
    return "unknown";
}

/// What the sessions of a principal are known by: its unique id, or of a root its account.
base::result<iam::revocation> of_principal(const iam::directory& known,
                                           const admin::revoke_request& request) {
    iam::revocation made;
    made.kind = type::principal;
    if (request.what == target::root) {
        const auto arn = aws::arn::parse(request.subject);
        made.account = arn ? arn->account : request.subject;
        if (arn && request.subject != aws::root_arn(known.partition(), arn->account))
            return base::invalid("'" + request.subject + "' is not the ARN of a root");
        if (known.account_of(made.account) == nullptr)
            return base::not_found("the issuer has no account '" + made.account + "'");
        made.subject = made.account;
        return made;
    }
    const std::string noun(admin::to_string(request.what));
    const auto arn = aws::arn::parse(request.subject);
    if (!arn || arn->service != "iam" || !arn->resource.starts_with(noun + "/")) {
        return base::invalid("'" + request.subject + "' is not the ARN of a " + noun +
                             ", such as arn:" + known.partition() + ":iam::123456789012:" + noun +
                             "/path/name");
    }
    made.account = arn->account;
    made.subject = known.id_of_arn(request.subject);
    if (made.subject.empty())
        return base::not_found("the issuer has no " + noun + " " + request.subject);
    return made;
}

iam::revocation of_single(const admin::revoke_request& request) {
    iam::revocation made;
    made.kind = request.what == target::session ? type::session : type::temporary_key;
    made.subject = request.subject;
    if (made.kind == type::temporary_key)
        made.account = aws::account_of_access_key(made.subject).value_or("");
    return made;
}

base::result<iam::revocation> revocation_of(const iam::directory& known,
                                            const admin::revoke_request& request,
                                            base::wall_time now) {
    const bool by_time = request.what == target::role || request.what == target::user ||
                         request.what == target::root;
    auto made =
        by_time ? of_principal(known, request) : base::result<iam::revocation>(of_single(request));
    if (!made) return made;
    made->created = now;
    made->reason = request.reason;
    made->until = now + longest_session;
    if (!by_time) return made;
    made->before = request.before.value_or(now);
    if (made->before > now)
        return base::invalid("'before' is in the future: sessions would end as they begin");
    made->until = made->before + longest_session;
    if (made->until <= now) {
        return base::invalid("no session from before " + base::iso8601(made->before) +
                             " is alive: they last 36 hours at most");
    }
    const auto key = iam::key_of(made->kind, made->subject);
    if (const auto there = known.find(iam::entity_kind::revocation, key)) {
        const auto& earlier = std::get<iam::revocation>(*there);
        made->before = std::max(made->before, earlier.before);
        made->until = std::max(made->until, earlier.until);
    }
    return made;
}

/// What concerns nobody any more may go.
void add_removals(const iam::directory& known, base::wall_time now, const std::string& kept,
                  iam::changes& into) {
    std::size_t removed = 0;
    known.for_each(iam::entity_kind::revocation, [&](const iam::entity& one) {
        const auto& past = std::get<iam::revocation>(one);
        if (past.until > now || removed == most_removed_at_once) return;
        std::string key = iam::key_of(one);
        if (key == kept) return;
        into.push_back(iam::removal(iam::entity_kind::revocation, std::move(key)));
        ++removed;
    });
}

json::object describe(const iam::revocation& one, const iam::directory& known) {
    json::object about{{"kind", to_string(one.kind)}, {"subject", one.subject}};
    if (one.kind == type::principal) {
        const std::string arn = one.subject == one.account
                                    ? aws::root_arn(known.partition(), one.account)
                                    : known.arn_of_id(one.subject);
        if (!arn.empty()) about["arn"] = arn;
        about["before"] = base::iso8601(one.before);
    }
    if (!one.account.empty()) about["account"] = one.account;
    about["created"] = base::iso8601(one.created);
    about["until"] = base::iso8601(one.until);
    if (!one.reason.empty()) about["reason"] = one.reason;
    return about;
}

json::object told(std::string what, json::object revocation) {
    return {{"apiVersion", api_version},
            {"done", std::move(what)},
            {"revocation", std::move(revocation)}};
}

/// Makes a key of a user or a root inactive. The owner is given with its other keys as they are.
base::result<iam::change> without_key(const iam::directory& known, const std::string& id) {
    const auto* owner = known.owner_of_key(id);
    if (owner == nullptr) return base::not_found("the issuer has no access key " + id);
    const auto switch_off = [&](auto copy,
                                std::vector<iam::access_key>& keys) -> base::result<iam::change> {
        for (iam::access_key& key : keys) {
            if (key.id != id) continue;
            if (!key.owned_by.empty()) {
                return base::invalid("access key " + id + " is defined in " + key.owned_by +
                                     "; write 'active: false' there and reload");
            }
            key.active = false;
        }
        return iam::put(std::move(*copy));
    };
    if (owner->user.empty()) {
        iam::account copy = *known.account_of(owner->account);
        auto changed = switch_off(&copy, copy.root_access_keys);
        if (!changed) return changed;
        // What a file says of the account stays in the file.
        iam::account stored = std::get<iam::account>(*changed->value);
        stored.verification_policy.clear();
        std::erase_if(stored.root_access_keys,
                      [](const iam::access_key& key) { return !key.owned_by.empty(); });
        return iam::put(std::move(stored));
    }
    iam::user copy = *known.user_of(owner->account, owner->user);
    return switch_off(&copy, copy.access_keys);
}

base::result<json::object> switch_off_key(iam::change_port& estate,
                                          const admin::revoke_request& request) {
    std::string owner;
    const auto done = estate.change([&](const iam::directory& known) -> base::result<iam::changes> {
        auto change = without_key(known, request.subject);
        if (!change) return change.error();
        const auto* of = known.owner_of_key(request.subject);
        owner = of->user.empty() ? aws::root_arn(known.partition(), of->account)
                                 : known.arn_of(*known.user_of(of->account, of->user));
        return iam::changes{std::move(*change)};
    });
    if (!done) return done.error();
    return told("access key " + request.subject + " of " + owner + " is inactive",
                {{"kind", "access_key"}, {"subject", request.subject}, {"arn", owner}});
}

std::string in_words(const admin::revoke_request& request, const iam::revocation& made) {
    switch (request.what) {
        case target::session:
            return "session " + made.subject + " has ended";
        case target::key:
            return "the session of access key " + made.subject + " has ended";
        case target::role:
        case target::user:
        case target::root:
            break;
    }
    return "sessions of " + request.subject + " from before " + base::iso8601(made.before) +
           " have ended";
}

}  // namespace

base::result<json::object> revoke(iam::change_port& estate, const admin::revoke_request& request,
                                  base::wall_time now) {
    if (request.what == target::key && !request.subject.starts_with("ASIA"))
        return switch_off_key(estate, request);
    iam::revocation made;
    json::object shown;
    const auto done = estate.change([&](const iam::directory& known) -> base::result<iam::changes> {
        auto wanted = revocation_of(known, request, now);
        if (!wanted) return wanted.error();
        made = std::move(*wanted);
        shown = describe(made, known);
        iam::changes all;
        all.push_back(iam::put(made));
        add_removals(known, now, iam::key_of(made.kind, made.subject), all);
        return all;
    });
    if (!done) return done.error();
    return told(in_words(request, made), std::move(shown));
}

json::object list_revocations(const iam::directory& known, base::wall_time now) {
    std::vector<const iam::revocation*> all;
    known.for_each(iam::entity_kind::revocation, [&](const iam::entity& one) {
        const auto& revocation = std::get<iam::revocation>(one);
        if (revocation.until > now) all.push_back(&revocation);
    });
    std::sort(all.begin(), all.end(), [](const auto* a, const auto* b) {
        return a->created != b->created ? a->created > b->created : a->subject < b->subject;
    });
    json::array list;
    for (const iam::revocation* one : all)
        list.push_back(describe(*one, known));
    return {{"apiVersion", api_version}, {"revocations", std::move(list)}};
}

}  // namespace daemon_
