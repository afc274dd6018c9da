#include "sts/settings.hpp"

#include <algorithm>
#include <iterator>

#include "sts/wire_error.hpp"

namespace sts {

namespace {

/// Host without its port.
std::string_view host_name(std::string_view host) {
    const auto colon = host.rfind(':');
    if (colon == std::string_view::npos || host.find(']', colon) != std::string_view::npos)
        return host;
    return host.substr(0, colon);
}

sigv4::rules rules_of(const issuer_options& options) {
    sigv4::rules rules;
    rules.service = "sts";
    rules.regions = options.regions;
    rules.region = options.default_region;
    rules.clock_skew = options.clock_skew;
    rules.fixed_presigned_window = options.compat.fixed_presigned_window;
    rules.unsigned_session_token = options.compat.unsigned_session_token;
    return rules;
}

/// Where a partition has its global services.
std::string_view home_region(std::string_view partition) {
    if (partition == "aws-cn") return "cn-north-1";
    if (partition == "aws-us-gov") return "us-gov-west-1";
    return "us-east-1";
}

}  // namespace

settings::settings(issuer_options chosen)
    : options_(std::move(chosen)), any_{rules_of(options_), false}, global_(rules_of(options_)) {
    global_.service = "iam";
    if (!global_.regions.empty()) global_.regions.emplace_back(home_region(options_.partition));
    for (const endpoint_definition& one : options_.endpoints) {
        endpoint made{any_.rules, one.region.empty()};
        made.rules.region = made.global ? options_.default_region : one.region;
        made.rules.regions = {made.rules.region};
        named_.emplace_back(one.host, std::move(made));
    }
}

const settings::endpoint& settings::endpoint_of(const http::request& request) const {
    if (named_.empty()) return any_;
    const http::field* host = request.find("host");
    if (host == nullptr) return any_;
    const std::string_view name = host_name(host->value);
    for (const auto& [known, found] : named_) {
        if (http::equal_ignoring_case(known, name)) return found;
    }
    return any_;
}

base::result<void> settings::check_region(std::string_view account, std::string_view region) const {
    for (const region_switch& off : options_.disabled_regions) {
        if (off.account == account && off.region == region)
            return wire_error(
                "RegionDisabledException",
                "STS is not activated in this region for account:" + std::string(account) +
                    ". Your account administrator can activate STS in this region "
                    "using the IAM Console.");
    }
    return {};
}

}  // namespace sts
