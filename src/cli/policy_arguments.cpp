#include "cli/policy_arguments.hpp"

#include <algorithm>
#include <iterator>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

namespace cli {

namespace {

using policy::document_kind;

constexpr document_kind kinds[] = {document_kind::identity,        document_kind::boundary,
                                   document_kind::session,         document_kind::trust,
                                   document_kind::resource,        document_kind::service_control,
                                   document_kind::resource_control};

struct verb_row {
    const char* name;
    policy_request::kind what;
};
constexpr verb_row rows[] = {
    {"check", policy_request::kind::check},
    {"simulate", policy_request::kind::simulate},
    {"explain", policy_request::kind::explain},
    {"who-can-assume", policy_request::kind::who_can_assume},
    {"what-can-assume", policy_request::kind::what_can_assume},
    {"findings", policy_request::kind::findings},
};

std::string not_empty(const std::string& value) {
    return value.empty() ? "must not be empty" : "";
}

void add_question(CLI::App& app, raw_policy& raw) {
    policy_request& r = raw.request;
    app.add_option("--principal", r.principal,
                   "User or role of the configuration whose policies decide")
        ->type_name("ARN")
        ->check(not_empty);
    app.add_option("--caller", r.caller, "Who asks: an ARN or a service; with --policy")
        ->type_name("WHO")
        ->check(not_empty);
    app.add_option("--policy", r.identity, "Identity policy; may be repeated")
        ->allow_extra_args(false)
        ->type_name("FILE");
    app.add_option("--boundary", r.boundary, "Permissions boundary")
        ->type_name("FILE")
        ->check(not_empty);
    app.add_option("--session-policy", r.session, "Session policy; may be repeated")
        ->allow_extra_args(false)
        ->type_name("FILE");
    app.add_option("--resource-policy", r.resource_policy,
                   "Policy of the resource; a role of the configuration brings its trust policy")
        ->type_name("FILE")
        ->check(not_empty);
    app.add_option("--action", r.actions, "Such as s3:GetObject; may be repeated")
        ->allow_extra_args(false)
        ->type_name("ACTION")
        ->required();
    app.add_option("--resource", r.resources, "ARN; may be repeated, default *")
        ->allow_extra_args(false)
        ->type_name("ARN");
    app.add_option("--resource-account", r.resource_account,
                   "Account of the resource where its ARN has none; default the caller's")
        ->type_name("ACCOUNT")
        ->check(not_empty);
    app.add_option("--context", raw.facts, "Condition key, such as aws:SourceIp=192.0.2.1")
        ->allow_extra_args(false)
        ->type_name("KEY=VALUE");
    app.add_option("--context-member", raw.members,
                   "One value of a multivalued key, such as aws:TagKeys=team; may be repeated")
        ->allow_extra_args(false)
        ->type_name("KEY=VALUE");
}

std::vector<std::pair<std::string, std::string>> pairs(const std::vector<std::string>& words,
                                                       const char* flag) {
    std::vector<std::pair<std::string, std::string>> out;
    for (const std::string& word : words) {
        const auto equals = word.find('=');
        const std::string key = word.substr(0, equals);
        if (equals == std::string::npos || key.find(':') == std::string::npos)
            throw CLI::ValidationError(std::string(flag) + ": write KEY=VALUE, such as " +
                                       "aws:SourceIp=192.0.2.1");
        out.emplace_back(key, word.substr(equals + 1));
    }
    return out;
}

}  // namespace

void add_policy_arguments(CLI::App& app, raw_policy& raw) {
    app.require_subcommand(1);
    app.fallthrough();
    CLI::App* check = app.add_subcommand("check", "Check policy documents");
    std::vector<std::string> names;
    for (const document_kind kind : kinds)
        names.emplace_back(policy::to_string(kind));
    check->add_option("--kind", raw.kind, "What the policies are for, default identity")
        ->check(CLI::IsMember(names))
        ->type_name("KIND");
    check->add_option("file", raw.request.files, "Policy documents")->type_name("FILE")->required();
    add_question(*app.add_subcommand("simulate", "Say whether policies allow actions"), raw);
    add_question(*app.add_subcommand("explain", "Say what every statement makes of an action"),
                 raw);
    app.add_subcommand("who-can-assume", "List who can assume a role of the configuration")
        ->add_option("role", raw.request.subject, "The role")
        ->type_name("ARN")
        ->required();
    app.add_subcommand("what-can-assume", "List the roles that someone can assume")
        ->add_option(
            "principal", raw.request.subject,
            "User, role, session or account, or a service, provider or anyone from elsewhere")
        ->type_name("WHO")
        ->required();
    app.add_subcommand("findings", "Look for trusts that are too wide, or that nobody can use");
}

policy_request read_policy_arguments(const CLI::App& app, const raw_policy& raw) {
    policy_request request = raw.request;
    const std::string chosen = app.get_subcommands().front()->get_name();
    for (const verb_row& row : rows) {
        if (chosen == row.name) request.what = row.what;
    }
    for (const document_kind kind : kinds) {
        if (raw.kind == policy::to_string(kind)) request.document = kind;
    }
    request.facts = pairs(raw.facts, "--context");
    request.members = pairs(raw.members, "--context-member");
    const bool asks = request.what == policy_request::kind::simulate ||
                      request.what == policy_request::kind::explain;
    if (!asks) return request;
    if (request.principal.empty() == request.caller.empty())
        throw CLI::ValidationError("policy " + chosen + ": name either --principal or --caller");
    if (!request.principal.empty() && (!request.identity.empty() || !request.boundary.empty()))
        throw CLI::ValidationError("policy " + chosen +
                                   ": --principal brings its own --policy and --boundary");
    if (request.resources.empty()) request.resources.emplace_back("*");
    return request;
}

}  // namespace cli
