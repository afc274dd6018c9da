#include "policy/authorize.hpp"

#include "helpers.hpp"

using namespace helpers;
using policy::effect;
using policy::policy_type;
using kind = policy::document_kind;
using type = policy::principal::type;

namespace {

constexpr const char* bucket = "arn:aws:s3:::bucket/x";
constexpr const char* home = "123456789012";
constexpr const char* abroad = "210987654321";

policy::principal caller(type what) {
    policy::principal p;
    p.kind = what;
    p.account = home;
    switch (what) {
        case type::user:
            p.arn = "arn:aws:iam::123456789012:user/alice";
            p.unique_id = "AIDAALICEALICEALICE12";
            break;
        case type::role_session:
            p.arn = "arn:aws:sts::123456789012:assumed-role/r/s";
            p.role_arn = "arn:aws:iam::123456789012:role/r";
            p.unique_id = "AROAROLEROLEROLEROLE1";
            break;
        case type::federated_user:
            p.arn = "arn:aws:sts::123456789012:federated-user/bob";
            break;
        case type::account_root:
            p.arn = "arn:aws:iam::123456789012:root";
            break;
        case type::federated:
            p.provider = "arn:aws:iam::123456789012:saml-provider/idp";
            break;
        case type::service:
            p.account.clear();
            p.service = "ec2.amazonaws.com";
            break;
        case type::anonymous:
            p.account.clear();
            break;
    }
    return p;
}

/// a: allows, d: denies, -: speaks of something else, space: there is none
struct world {
    char identity = ' ', boundary = ' ', session = ' ', scp = ' ', rcp = ' ';
    std::string principal = {};  ///< of the resource policy; empty: there is none
    bool resource_denies = false;
};

std::string plain(char what) {
    const std::string effect_name = what == 'd' ? "Deny" : "Allow";
    const std::string action = what == '-' ? "ec2:*" : "s3:*";
    return statement("\"Effect\":\"" + effect_name + "\",\"Action\":\"" + action +
                     "\",\"Resource\":\"*\"");
}

struct judged {
    effect outcome;
    policy_type by;
    std::string reason;
};

judged judge(const world& w, const policy::principal& by, std::string_view account = home,
             bool must = false) {
    const policy::context facts;
    policy::question q{"s3:GetObject", bucket, account, by, facts};
    const auto identity = document(plain(w.identity));
    const auto boundary = document(plain(w.boundary), kind::boundary);
    const auto session = document(plain(w.session), kind::session);
    const auto scp = document(plain(w.scp), kind::service_control);
    const auto rcp =
        document(statement(std::string(R"("Principal":"*","Resource":"*","Action":)") +
                           (w.rcp == '-' ? R"("ec2:*")" : R"("s3:*")") + R"(,"Effect":)" +
                           (w.rcp == 'd' ? R"("Deny")" : R"("Allow")")),
                 kind::resource_control);
    const policy::attached identities[] = {{"id", &identity}};
    const policy::attached sessions[] = {{{}, &session}};
    const policy::attached scps[] = {{"scp", &scp}}, rcps[] = {{"rcp", &rcp}};
    const policy::policy_list scp_levels[] = {scps}, rcp_levels[] = {rcps};
    if (w.identity != ' ') q.identity = identities;
    if (w.boundary != ' ') q.boundary = policy::attached{"b", &boundary};
    if (w.session != ' ') q.session = policy::policy_list(sessions);
    if (w.scp != ' ') q.service_control = scp_levels;
    if (w.rcp != ' ') q.resource_control = rcp_levels;
    policy::document resource;
    if (!w.principal.empty()) {
        resource = document(statement("\"Principal\":" + w.principal +
                                      R"(,"Action":"s3:*","Resource":"*","Effect":)" +
                                      (w.resource_denies ? "\"Deny\"" : "\"Allow\"")),
                            kind::resource);
        q.resource_policy = policy::attached{{}, &resource};
    }
    q.resource_must_allow = must;
    const auto a = policy::authorize(q);
    return {a.outcome, a.decided_by, policy::reason_clause(a, q.action)};
}

const std::string alice = R"({"AWS":"arn:aws:iam::123456789012:user/alice"})";
const std::string role = R"({"AWS":"arn:aws:iam::123456789012:role/r"})";
const std::string session_arn = R"({"AWS":"arn:aws:sts::123456789012:assumed-role/r/s"})";
const std::string bob = R"({"AWS":"arn:aws:sts::123456789012:federated-user/bob"})";
const std::string account_root = R"({"AWS":"123456789012"})";
const std::string idp = R"({"Federated":"arn:aws:iam::123456789012:saml-provider/idp"})";
const std::string anyone = R"({"AWS":"*"})";
const std::string everyone = R"("*")";

}  // namespace

TEST_CASE("All kinds of policies together, in IAM's order", "[E26][G9][G10][G14][E24]") {
    struct row {
        const char* id;
        type by;
        world w;
        const char* account;
        effect outcome;
        policy_type decided_by;
    };
    constexpr auto yes_ = effect::allow;
    constexpr auto no_ = effect::implicit_deny;
    constexpr auto never = effect::explicit_deny;
    using t = policy_type;
    const row rows[] = {
        // One's own account, no resource policy.
        {"nothing", type::user, {}, home, no_, t::identity},
        {"identity", type::user, {'a'}, home, yes_, t::identity},
        {"other action", type::user, {'-'}, home, no_, t::identity},
        {"boundary", type::user, {'a', 'a'}, home, yes_, t::identity},
        {"boundary silent", type::user, {'a', '-'}, home, no_, t::boundary},
        {"boundary alone grants nothing", type::user, {' ', 'a'}, home, no_, t::identity},
        {"boundary denies", type::user, {'a', 'd'}, home, never, t::boundary},
        {"session narrows", type::role_session, {'a', ' ', '-'}, home, no_, t::session},
        {"session allows", type::role_session, {'a', ' ', 'a'}, home, yes_, t::identity},
        {"session alone grants nothing",
         type::role_session,
         {' ', ' ', 'a'},
         home,
         no_,
         t::identity},
        {"session denies", type::role_session, {'a', ' ', 'd'}, home, never, t::session},
        {"role session without session policy", type::role_session, {'a'}, home, yes_, t::identity},
        {"E26", type::federated_user, {'a'}, home, no_, t::session},
        {"G9", type::federated_user, {'a', ' ', 'a'}, home, yes_, t::identity},
        {"G10", type::federated_user, {'-', ' ', 'a'}, home, no_, t::identity},
        {"root needs no policy", type::account_root, {}, home, yes_, t::identity},
        {"task policy limits root", type::account_root, {' ', ' ', '-'}, home, no_, t::session},
        {"scp silent", type::user, {'a', ' ', ' ', '-'}, home, no_, t::service_control},
        {"scp binds root", type::account_root, {' ', ' ', ' ', '-'}, home, no_, t::service_control},
        {"scp allows", type::user, {'a', ' ', ' ', 'a'}, home, yes_, t::identity},
        {"scp grants nothing", type::user, {' ', ' ', ' ', 'a'}, home, no_, t::identity},
        {"scp denies", type::user, {'a', ' ', ' ', 'd'}, home, never, t::service_control},
        {"rcp denies", type::user, {'a', ' ', ' ', ' ', 'd'}, home, never, t::resource_control},
        {"rcp silent", type::user, {'a', ' ', ' ', ' ', '-'}, home, no_, t::resource_control},

        // One's own account, with a resource policy.
        {"user named", type::user, {' ', ' ', ' ', ' ', ' ', alice}, home, yes_, t::resource},
        {"user named, boundary silent",
         type::user,
         {' ', '-', ' ', ' ', ' ', alice},
         home,
         yes_,
         t::resource},
        {"user named, boundary denies",
         type::user,
         {' ', 'd', ' ', ' ', ' ', alice},
         home,
         never,
         t::boundary},
        {"user named, identity denies",
         type::user,
         {'d', ' ', ' ', ' ', ' ', alice},
         home,
         never,
         t::identity},
        {"role named",
         type::role_session,
         {' ', ' ', ' ', ' ', ' ', role},
         home,
         yes_,
         t::resource},
        {"E24 A60", type::role_session, {' ', '-', ' ', ' ', ' ', role}, home, no_, t::boundary},
        {"role named, session silent",
         type::role_session,
         {' ', ' ', '-', ' ', ' ', role},
         home,
         no_,
         t::session},
        {"role named, session allows",
         type::role_session,
         {' ', ' ', 'a', ' ', ' ', role},
         home,
         yes_,
         t::resource},
        {"session named",
         type::role_session,
         {' ', '-', '-', ' ', ' ', session_arn},
         home,
         yes_,
         t::resource},
        {"session named, session denies",
         type::role_session,
         {' ', '-', 'd', ' ', ' ', session_arn},
         home,
         never,
         t::session},
        {"G14", type::federated_user, {' ', ' ', ' ', ' ', ' ', bob}, home, yes_, t::resource},
        {"federated by account",
         type::federated_user,
         {'a', ' ', ' ', ' ', ' ', account_root},
         home,
         no_,
         t::session},
        {"account named",
         type::user,
         {' ', ' ', ' ', ' ', ' ', account_root},
         home,
         no_,
         t::identity},
        {"account and identity",
         type::user,
         {'a', ' ', ' ', ' ', ' ', account_root},
         home,
         yes_,
         t::identity},
        {"anyone", type::user, {' ', '-', ' ', ' ', ' ', anyone}, home, yes_, t::resource},
        {"another user named",
         type::role_session,
         {' ', ' ', ' ', ' ', ' ', alice},
         home,
         no_,
         t::identity},
        {"identity suffices beside it",
         type::role_session,
         {'a', ' ', ' ', ' ', ' ', alice},
         home,
         yes_,
         t::identity},
        {"resource denies",
         type::user,
         {'a', ' ', ' ', ' ', ' ', alice, true},
         home,
         never,
         t::resource},
        {"scp blocks a direct grant",
         type::user,
         {' ', ' ', ' ', '-', ' ', alice},
         home,
         no_,
         t::service_control},

        // Another account's resource.
        {"cross: named alone",
         type::user,
         {' ', ' ', ' ', ' ', ' ', alice},
         abroad,
         no_,
         t::identity},
        {"cross: identity alone", type::user, {'a'}, abroad, no_, t::resource},
        {"cross: both",
         type::user,
         {'a', ' ', ' ', ' ', ' ', account_root},
         abroad,
         yes_,
         t::identity},
        {"cross: boundary", type::user, {'a', '-', ' ', ' ', ' ', alice}, abroad, no_, t::boundary},
        {"cross: session",
         type::role_session,
         {'a', ' ', '-', ' ', ' ', session_arn},
         abroad,
         no_,
         t::session},
        {"cross: root",
         type::account_root,
         {' ', ' ', ' ', ' ', ' ', account_root},
         abroad,
         yes_,
         t::identity},
        {"cross: root alone", type::account_root, {}, abroad, no_, t::resource},

        // Callers without an account of their own.
        {"service",
         type::service,
         {' ', ' ', ' ', ' ', ' ', R"({"Service":"ec2.amazonaws.com"})"},
         abroad,
         yes_,
         t::resource},
        {"service, other",
         type::service,
         {' ', ' ', ' ', ' ', ' ', R"({"Service":"s3.amazonaws.com"})"},
         abroad,
         no_,
         t::resource},
        {"service and anyone",
         type::service,
         {' ', ' ', ' ', ' ', ' ', anyone},
         abroad,
         no_,
         t::resource},
        {"service and everyone",
         type::service,
         {' ', ' ', ' ', ' ', ' ', everyone},
         abroad,
         yes_,
         t::resource},
        {"anonymous",
         type::anonymous,
         {' ', ' ', ' ', ' ', ' ', everyone},
         abroad,
         yes_,
         t::resource},
        {"anonymous, account",
         type::anonymous,
         {' ', ' ', ' ', ' ', ' ', account_root},
         home,
         no_,
         t::resource},
        {"provider", type::federated, {' ', ' ', ' ', ' ', ' ', idp}, home, yes_, t::resource},
        {"provider and anyone",
         type::federated,
         {' ', ' ', ' ', ' ', ' ', anyone},
         home,
         no_,
         t::resource},
        {"rcp over a service",
         type::service,
         {' ', ' ', ' ', ' ', 'd', everyone},
         abroad,
         never,
         t::resource_control},
    };
    for (const row& r : rows) {
        INFO(r.id);
        const judged got = judge(r.w, caller(r.by), r.account);
        CHECK(got.outcome == r.outcome);
        CHECK(got.by == r.decided_by);
    }
}

TEST_CASE("Where the resource must allow, one's own policies are not enough") {
    CHECK(judge({'a'}, caller(type::user), home, true).outcome == effect::implicit_deny);
    CHECK(judge({}, caller(type::account_root), home, true).outcome == effect::implicit_deny);
    world delegated{'a'};
    delegated.principal = account_root;
    CHECK(judge(delegated, caller(type::user), home, true).outcome == effect::allow);
}

TEST_CASE("Without delegation the account's name is not enough") {
    const auto trust = document(statement(R"("Effect":"Allow","Action":"sts:AssumeRole",
        "Principal":{"AWS":"123456789012"})"),
                                kind::trust);
    const policy::context facts;
    const auto by = caller(type::role_session);
    policy::question q{"sts:AssumeRole", by.role_arn, home, by, facts};
    const auto all = document(statement(R"("Effect":"Allow","Action":"*","Resource":"*")"));
    const policy::attached everything[] = {{"all", &all}};
    q.identity = everything;
    q.resource_policy = policy::attached{{}, &trust};
    q.resource_must_allow = true;
    CHECK(policy::authorize(q).allowed());
    q.delegation = false;
    CHECK_FALSE(policy::authorize(q).allowed());
}

TEST_CASE("Policies that are in force but gone allow nothing") {
    const auto by = caller(type::role_session);
    const policy::context facts;
    const auto all = document(plain('a'));
    const policy::attached identities[] = {{"id", &all}}, gone[] = {{"gone", nullptr}};
    policy::question q{"s3:GetObject", bucket, home, by, facts};
    q.identity = identities;
    CHECK(policy::authorize(q).allowed());
    q.session = policy::policy_list(gone);
    CHECK(policy::authorize(q).decided_by == policy_type::session);
    CHECK_FALSE(policy::authorize(q).allowed());
    q.session = policy::policy_list();
    CHECK_FALSE(policy::authorize(q).allowed());
    q.session.reset();
    q.boundary = gone[0];
    CHECK_FALSE(policy::authorize(q).allowed());
}

TEST_CASE("Every level of an organization must allow") {
    const auto by = caller(type::user);
    const policy::context facts;
    const auto all = document(plain('a'), kind::service_control);
    const auto none = document(plain('-'), kind::service_control);
    const auto identity = document(plain('a'));
    const policy::attached identities[] = {{"id", &identity}};
    const policy::attached good[] = {{"a", &none}, {"b", &all}}, bad[] = {{"c", &none}};
    policy::question q{"s3:GetObject", bucket, home, by, facts};
    q.identity = identities;
    const policy::policy_list both[] = {good, good};
    const policy::policy_list broken[] = {bad, good};
    q.service_control = both;
    CHECK(policy::authorize(q).allowed());
    q.service_control = broken;
    CHECK_FALSE(policy::authorize(q).allowed());
    CHECK(policy::authorize(q).decided_by == policy_type::service_control);
}

TEST_CASE("The reason of a denial is told as AWS tells it") {
    const auto reason = [](const world& w, type by, const char* account = home) {
        return judge(w, caller(by), account).reason;
    };
    CHECK(reason({'a'}, type::user).empty());
    CHECK(reason({}, type::user) ==
          " because no identity-based policy allows the s3:GetObject action");
    CHECK(reason({'d'}, type::user) == " with an explicit deny in an identity-based policy");
    CHECK(reason({'a', '-'}, type::user) ==
          " because no permissions boundary allows the s3:GetObject action");
    CHECK(reason({'a', 'd'}, type::user) == " with an explicit deny in a permissions boundary");
    CHECK(reason({'a', ' ', '-'}, type::role_session) ==
          " because no session policy allows the s3:GetObject action");
    CHECK(reason({'a', ' ', 'd'}, type::role_session) ==
          " with an explicit deny in a session policy");
    CHECK(reason({'a', ' ', ' ', '-'}, type::user) ==
          " because no service control policy allows the s3:GetObject action");
    CHECK(reason({'a', ' ', ' ', ' ', 'd'}, type::user) ==
          " with an explicit deny in a resource control policy");
    world denied{'a'};
    denied.principal = alice;
    denied.resource_denies = true;
    CHECK(reason(denied, type::user) == " with an explicit deny in a resource-based policy");
    // What another account's resource says is its own business.
    CHECK(reason(denied, type::user, abroad).empty());
    CHECK(reason({'a'}, type::user, abroad).empty());
}
