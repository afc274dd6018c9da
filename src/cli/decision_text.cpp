#include "cli/decision_text.hpp"

#include <boost/json/array.hpp>

#include "base/time_text.hpp"
#include "cli/text.hpp"

namespace cli {

namespace {

std::string validity(const boost::json::object& decision) {
    const std::string state = shown(decision, "state");
    const std::string expires = shown(decision, "expires_at");
    std::string text = state;
    if (!expires.empty()) {
        if (!text.empty()) text += ", ";
        text += "expires " + expires;
        if (const auto left = number(decision, "expires_in_seconds")) {
            text += *left > 0 ? " (in " + base::duration_text(base::seconds(*left)) + ')'
                              : std::string(" (it has expired)");
        }
    }
    return text;
}

std::string first_line(const boost::json::object& decision) {
    const bool allowed = truth(decision, "allowed");
    std::string line = allowed ? "allowed: " : "denied: ";
    const std::string caller = shown(decision, "caller");
    line += caller.empty() ? "the caller" : caller;
    if (!allowed) {
        const std::string reason = shown(decision, "reason");
        line += " gets no role: ";
        return line += reason.empty() ? "no binding matches" : reason;
    }
    const std::string role = shown(decision, "role_arn");
    line += role.empty() ? " gets metadata" : " gets " + role;
    if (const std::string profile = shown(decision, "profile"); !profile.empty()) {
        line += ", profile " + profile;
    }
    if (const std::string rule = shown(decision, "rule"); !rule.empty()) {
        line += ", by " + rule;
    }
    return line;
}

}  // namespace

std::string decision_text(const boost::json::object& decision) {
    std::string text = first_line(decision) + '\n';
    if (truth(decision, "allowed")) {
        if (const std::string valid = validity(decision); !valid.empty()) {
            text += "credentials: " + valid + '\n';
        }
        if (const std::string reason = shown(decision, "reason"); !reason.empty()) {
            text += "note: " + reason + '\n';
        }
    }
    if (const boost::json::array* steps = array_in(decision, "steps")) {
        for (const boost::json::value& step : *steps) {
            if (const auto* line = step.if_string()) text += "  " + printable(*line) + '\n';
        }
    }
    if (const std::string hint = shown(decision, "hint"); !hint.empty()) {
        text += (truth(decision, "allowed") ? "hint: " : "to allow it: ") + hint + '\n';
    }
    return text;
}

exit_code whoami_code(const boost::json::object& decision) {
    if (!truth(decision, "allowed")) return exit_code::denied;
    // A profile without a role serves metadata alone: there is nothing that could be missing.
    if (shown(decision, "role_arn").empty()) return exit_code::ok;
    const std::string state = shown(decision, "state");
    if (state == "failed" || state == "waiting") return exit_code::issuer_unavailable;
    const auto left = number(decision, "expires_in_seconds");
    return left && *left <= 0 ? exit_code::expired : exit_code::ok;
}

}  // namespace cli
