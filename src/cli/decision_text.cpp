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

std::string refusal_line(const boost::json::object& decision) {
    const std::string caller = shown(decision, "caller");
    const std::string reason = shown(decision, "reason");
    if (reason.empty()) {
        return "denied: no binding matches " + (caller.empty() ? "the caller" : caller);
    }
    // Reasons often name the caller themselves.
    const bool names_caller = caller.empty() || reason.find(caller) != std::string::npos;
    return "denied: " + (names_caller ? reason : caller + ": " + reason);
}

std::string grant_line(const boost::json::object& decision) {
    const std::string caller = shown(decision, "caller");
    const std::string role = shown(decision, "role_arn");
    std::string line = "allowed: " + (caller.empty() ? "the caller" : caller);
    line += " gets " + (role.empty() ? "metadata without a role" : role);
    if (const std::string profile = shown(decision, "profile"); !profile.empty()) {
        line += ", profile " + profile;
    }
    if (const std::string rule = shown(decision, "rule"); !rule.empty()) {
        line += ", by the binding at " + rule;
    }
    return line;
}

}  // namespace

std::string decision_text(const boost::json::object& decision) {
    const bool allowed = truth(decision, "allowed");
    std::string text = (allowed ? grant_line(decision) : refusal_line(decision)) + '\n';
    if (allowed && !shown(decision, "role_arn").empty()) {
        if (const std::string valid = validity(decision); !valid.empty()) {
            text += "credentials: " + valid + '\n';
        }
        if (const std::string failure = shown(decision, "failure"); !failure.empty()) {
            text += "last failure: " + failure + '\n';
        }
    }
    if (const boost::json::array* steps = array_in(decision, "steps")) {
        for (const boost::json::value& step : *steps) {
            if (const auto* line = step.if_string()) text += "  " + printable(*line) + '\n';
        }
    }
    if (const std::string hint = shown(decision, "hint"); !hint.empty()) {
        text += "hint: " + hint + '\n';
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
