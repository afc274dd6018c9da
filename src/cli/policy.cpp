#include <algorithm>

#include <boost/json/array.hpp>

#include "cli/policy_estate.hpp"
#include "cli/policy_files.hpp"
#include "cli/policy_simulation.hpp"
#include "cli/text.hpp"
#include "cli/verbs.hpp"
#include "encoding/json.hpp"

namespace cli {

namespace {

namespace json = boost::json;

json::object head(const char* name, json::array list) {
    json::object out;
    out["apiVersion"] = "imdsd/v1";
    out[name] = std::move(list);
    return out;
}

void print(const json::object& what, const surroundings& world) {
    world.out << encoding::json_text(what) << '\n';
}

exit_code check(const options& given, std::string_view partition, const surroundings& world) {
    bool good = true;
    json::array list;
    for (const std::string& file : given.policy.files) {
        std::vector<config::diagnostic> wrong;
        const auto document =
            read_policy_file(file, given.policy.document, partition, world, wrong);
        good = good && document.has_value();
        if (given.output == output_format::json) {
            json::object one;
            one["file"] = file;
            one["ok"] = document.has_value();
            if (document) one["statements"] = document->statements().size();
            json::array diagnostics;
            for (const config::diagnostic& each : wrong) {
                json::object entry;
                entry["line"] = each.line;
                entry["column"] = each.column;
                entry["message"] = each.message;
                diagnostics.push_back(std::move(entry));
            }
            one["diagnostics"] = std::move(diagnostics);
            list.push_back(std::move(one));
            continue;
        }
        print_diagnostics(wrong, world);
        if (document)
            world.out << file << ": ok: " << counted(document->statements().size(), "statement")
                      << '\n';
    }
    if (given.output == output_format::json) print(head("policies", std::move(list)), world);
    return good ? exit_code::ok : exit_code::configuration;
}

std::string joined(const std::vector<std::string>& texts) {
    std::string out;
    for (const std::string& text : texts)
        out += (out.empty() ? "" : "; ") + text;
    return printable(out);
}

void show(const std::vector<policy::access>& list, bool by_role, const options& given,
          const surroundings& world) {
    if (given.output == output_format::json) {
        json::array out;
        for (const policy::access& one : list) {
            json::object entry;
            entry["principal"] = one.principal;
            entry["role"] = one.role;
            entry["action"] = one.action;
            entry["defined"] = one.defined;
            entry["access"] = policy::to_string(one.can);
            entry["conditions"] = json::array(one.conditions.begin(), one.conditions.end());
            entry["statement"] = one.granted_by;
            out.push_back(std::move(entry));
        }
        print(head("access", std::move(out)), world);
        return;
    }
    if (list.empty()) {
        world.out << (by_role ? "nobody\n" : "no roles\n");
        return;
    }
    // An account is asked about for all that are in it.
    const bool several = !by_role && std::any_of(list.begin(), list.end(), [&](const auto& one) {
        return one.principal != list.front().principal;
    });
    std::vector<std::string> head{by_role ? "PRINCIPAL" : "ROLE", "FROM", "ACCESS", "BY",
                                  "CONDITIONS"};
    if (several) head.insert(head.begin(), "PRINCIPAL");
    text_table table(std::move(head));
    for (const policy::access& one : list) {
        std::vector<std::string> row{printable(by_role ? one.principal : one.role),
                                     one.defined ? "here" : "elsewhere", policy::to_string(one.can),
                                     printable(one.granted_by), joined(one.conditions)};
        if (several) row.insert(row.begin(), printable(one.principal));
        table.add(std::move(row));
    }
    world.out << table.text();
}

exit_code who_can_assume(const policy::estate& all, const options& given,
                         const surroundings& world) {
    const policy::known_role* role = all.find_role(given.policy.subject);
    if (role == nullptr) {
        world.err << "imdsd: the configuration has no role " << printable(given.policy.subject)
                  << '\n';
        return exit_code::failure;
    }
    show(policy::who_can_assume(all, *role), true, given, world);
    return exit_code::ok;
}

exit_code what_can_assume(const policy::estate& all, const options& given,
                          const surroundings& world) {
    const auto list = policy::what_can_assume(all, given.policy.subject);
    if (!list) {
        world.err << "imdsd: " << printable(given.policy.subject)
                  << " is neither a principal of the configuration nor one from elsewhere\n";
        return exit_code::failure;
    }
    show(*list, false, given, world);
    return exit_code::ok;
}

exit_code findings(const policy::estate& all, const options& given, const surroundings& world) {
    const std::vector<policy::finding> found = policy::find_all(all);
    bool clean = true;
    json::array list;
    for (const policy::finding& one : found) {
        clean = clean && !policy::is_problem(one.what);
        if (given.output == output_format::json) {
            json::object entry;
            entry["finding"] = policy::to_string(one.what);
            entry["problem"] = policy::is_problem(one.what);
            entry["role"] = one.role;
            if (!one.statement.empty()) entry["statement"] = one.statement;
            if (!one.principal.empty()) entry["principal"] = one.principal;
            entry["message"] = one.message;
            list.push_back(std::move(entry));
            continue;
        }
        std::string line = one.role + ": ";
        if (!one.statement.empty()) line += one.statement + ": ";
        line += std::string(policy::to_string(one.what)) + ": ";
        if (!one.principal.empty()) line += one.principal + ": ";
        world.out << printable(line + one.message) << '\n';
    }
    if (given.output == output_format::json)
        print(head("findings", std::move(list)), world);
    else if (found.empty())
        world.out << "no findings\n";
    return clean ? exit_code::ok : exit_code::failure;
}

}  // namespace

exit_code run_policy(const options& given, const surroundings& world) {
    using kind = policy_request::kind;
    const kind what = given.policy.what;
    const bool asks = what == kind::simulate || what == kind::explain;
    const bool needs_estate = what != kind::check && (!asks || !given.policy.principal.empty());
    std::optional<configured_estate> estate;
    std::string partition;  // empty: nobody has said
    if (needs_estate || !given.config.empty()) {
        const std::string file = given.config.empty() ? default_config : given.config;
        config::load_result read = config::load(file, world.environment);
        if (!read.loaded) {
            print_diagnostics(read.diagnostics, world);
            return exit_code::configuration;
        }
        partition = read.loaded->issuer.partition;
        auto built = configured_estate::build(std::move(*read.loaded));
        if (!built) {
            world.err << "imdsd: " << printable(built.error().message) << '\n';
            return exit_code::configuration;
        }
        estate = std::move(*built);
        estate->all.now = world.clock.now();
    }
    if (what == kind::check)
        return check(given, partition.empty() ? policy::partitions_of_aws : partition, world);
    static const policy::estate nothing;
    const policy::estate& all = estate ? estate->all : nothing;
    if (asks) return simulate(all, partition, given, world);
    if (what == kind::who_can_assume) return who_can_assume(all, given, world);
    if (what == kind::what_can_assume) return what_can_assume(all, given, world);
    return findings(all, given, world);
}

}  // namespace cli
