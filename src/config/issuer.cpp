#include <algorithm>

#include "aws/arn.hpp"
#include "config/sections.hpp"
#include "http/request.hpp"

namespace config {

namespace {

void read_regions(const mapping& fields, sts::issuer_options& into, context with) {
    fields.text("region", into.default_region);
    if (!aws::is_region(into.default_region))
        with.out.error(fields.at("region"), quoted(into.default_region) + " is no region name");
    const node* regions = fields.find("regions");
    if (regions && !(regions->is_sequence() && regions->items.empty())) {
        for (const node* region : one_or_more(*regions, "regions", with.out)) {
            if (!aws::is_region(region->text))
                with.out.error(region->at, quoted(region->text) + " is no region name");
            into.regions.push_back(region->text);
        }
    }
    const auto& all = into.regions;
    const bool listed = std::find(all.begin(), all.end(), into.default_region) != all.end();
    if (!all.empty() && !listed)
        with.out.error(regions->at, "'regions' must contain the issuer's own region, " +
                                        quoted(into.default_region));
    // A misspelt region would end up in every signature and in no error.
    if (all.empty() && aws::is_region(into.default_region) &&
        !aws::has_form_of_aws_region(into.default_region)) {
        with.out.error(fields.at("region"),
                       quoted(into.default_region) +
                           " is not of the form of AWS's regions, such as eu-central-1; a region "
                           "of your own must be listed in 'regions' as well");
    }
}

bool is_endpoint_host(std::string_view text) {
    return !text.empty() && text.size() <= 253 && std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '.' || c == '-';
    });
}

/// host name -> `global` or a region
void read_endpoints(const node& value, sts::issuer_options& into, context with) {
    each_named(value, "endpoints", with.out, [&](const node::entry& entry) {
        for (const auto& before : into.endpoints) {
            if (http::equal_ignoring_case(before.host, entry.key))
                with.out.error(entry.at,
                               quoted(entry.key) + " is there already (host names ignore case)");
        }
        if (!is_endpoint_host(entry.key))
            with.out.error(entry.at, quoted(entry.key) + " is no host name (without a port)");
        const auto meaning = read_text(entry.value, entry.key, with.out);
        if (!meaning) return;
        const auto& known = into.regions;
        if (*meaning == "global") {
            into.endpoints.push_back({entry.key, ""});
            return;
        }
        if (!aws::is_region(*meaning))
            with.out.error(entry.value.at, quoted(*meaning) + " is neither 'global' nor a region");
        else if (!known.empty() && std::find(known.begin(), known.end(), *meaning) == known.end())
            with.out.error(entry.value.at, "'regions' has no " + quoted(*meaning));
        into.endpoints.push_back({entry.key, *meaning});
    });
}

/// "https://app.example.com:8443", as browsers write it: no path, no slash at the end.
bool is_origin(std::string_view text) {
    for (const std::string_view scheme : {"https://", "http://"}) {
        if (!text.starts_with(scheme)) continue;
        text.remove_prefix(scheme.size());
        return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
            return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
                   std::string_view(".-:[]").find(c) != std::string_view::npos;
        });
    }
    return false;
}

void read_origins(const node& value, sts::issuer_options& into, context with) {
    if (value.is_sequence() && value.items.empty()) return;
    for (const node* origin : one_or_more(value, "allowed_origins", with.out)) {
        if (origin->text != "*" && !is_origin(origin->text))
            with.out.error(origin->at,
                           quoted(origin->text) + " is no origin such as https://app.example.com");
        into.allowed_origins.push_back(origin->text);
    }
}

void read_rate(const mapping& limits, std::string_view key, sts::call_rate& into, context with) {
    constexpr unsigned most = 10'000'000;
    const node* value = limits.find(key);
    if (!value) return;
    const mapping fields(*value, sections::call_rate, with.out);
    if (fields.require("requests_per_second"))
        fields.integer<unsigned>("requests_per_second", 1, most, into.per_second);
    into.burst = 2 * into.per_second;
    fields.integer<unsigned>("burst", 1, most, into.burst);
}

void read_front(const mapping& fields, sts::issuer_options& into, context with) {
    if (const node* endpoints = fields.find("endpoints")) read_endpoints(*endpoints, into, with);
    if (const node* origins = fields.find("allowed_origins")) read_origins(*origins, into, with);
    if (const node* value = fields.find("limits")) {
        const mapping limits(*value, sections::issuer_limits, with.out);
        read_rate(limits, "address", into.limits.address, with);
        read_rate(limits, "principal", into.limits.principal, with);
    }
    if (const node* value = fields.find("compat")) {
        const mapping compat(*value, sections::issuer_compat, with.out);
        compat.choice<bool>("presigned_window", {{"strict", false}, {"fixed", true}},
                            into.compat.fixed_presigned_window);
        compat.choice<bool>("session_token", {{"signed", false}, {"unsigned", true}},
                            into.compat.unsigned_session_token);
    }
}

bool is_partition(std::string_view text) {
    return !text.empty() && text.size() <= 32 && std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
    });
}

/// An account that is defined; empty: reported.
std::string read_member(const node& value, std::string_view key, const configuration& so_far,
                        context with) {
    if (!value.is_scalar()) {
        with.out.error(value.at, quoted(key) + " must be an account");
        return {};
    }
    const auto id = read_account(value.text, value.plain, value.at, with.out);
    if (!id) return {};
    std::vector<std::string_view> known;
    for (const auto& one : so_far.accounts)
        known.push_back(one.id);
    if (!so_far.first_account.empty()) known.push_back(so_far.first_account);
    if (std::find(known.begin(), known.end(), *id) != known.end()) return *id;
    with.out.error(value.at,
                   "issuer.accounts has no account " + quoted(*id) + suggestion(*id, known));
    return {};
}

void read_organization(const mapping& issuer, configuration& into, context with) {
    const node* value = issuer.find("organization");
    if (!value) return;
    const mapping fields(*value, sections::organization, with.out);
    sts::organization out;
    if (const node* account = fields.require("management_account"))
        out.management_account = read_member(*account, "management_account", into, with);
    if (const node* list = fields.find("delegated_administrators")) {
        for (const node* one : one_or_more(*list, "delegated_administrators", with.out))
            out.delegated_administrators.push_back(
                read_member(*one, "delegated_administrators", into, with));
    }
    if (const node* list = fields.find("features")) {
        for (const node* one : one_or_more(*list, "features", with.out)) {
            const auto feature = read_choice(
                *one, "features", {"root_credentials_management", "root_sessions"}, with.out);
            if (!feature) continue;
            (*feature == 0 ? out.root_credentials_management : out.root_sessions) = true;
        }
    }
    into.organization = std::move(out);
}

}  // namespace

void read_issuer(const mapping& top, configuration& into, context with) {
    const node* value = top.find("issuer");
    if (!value) return;
    const mapping fields(*value, sections::issuer, with.out);
    read_regions(fields, into.issuer, with);
    into.issuer.partition = aws::partition_of_region(into.issuer.default_region);
    fields.text("partition", into.issuer.partition);
    if (!is_partition(into.issuer.partition))
        with.out.error(fields.at("partition"), "'partition' must be a word such as aws");
    read_front(fields, into.issuer, with);
    if (const node* account = fields.find("account")) {
        if (const auto text = read_text(*account, "account", with.out))
            into.first_account =
                read_account(*text, account->plain, account->at, with.out).value_or("");
    }
    read_accounts(fields, into, with);
    read_organization(fields, into, with);
    read_store(fields, into, with);
    read_key_ring(fields, into, with);
}

}  // namespace config
