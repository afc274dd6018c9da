#include "admin/router.hpp"

#include <array>
#include <exception>
#include <optional>
#include <utility>

#include <boost/json/array.hpp>

#include "admin/environment_query.hpp"
#include "admin/explain_query.hpp"
#include "encoding/json.hpp"
#include "http/target.hpp"

namespace admin {

namespace {

constexpr std::string_view json_headers =
    "Content-Type: application/json\r\n"
    "Cache-Control: no-store\r\n"
    "X-Content-Type-Options: nosniff\r\n";

void answer_json(http::response& answer, unsigned status, const boost::json::object& body) {
    answer.status = status;
    answer.headers = json_headers;
    answer.own_body(encoding::json_text(body));
}

bool starts_with_ignoring_case(std::string_view text, std::string_view prefix) {
    return text.size() >= prefix.size() &&
           http::equal_ignoring_case(text.substr(0, prefix.size()), prefix);
}

/// The socket is for programs on this host that connect themselves. A browser cannot open it, so a
/// browser's headers mean that something forwards to it; so do a proxy's. The peer that the kernel
/// names is then not the one who asks.
std::optional<std::string_view> forwarded_sign(const http::request& request) {
    for (const http::field& field : request.fields) {
        if (http::equal_ignoring_case(field.name, "Origin") ||
            http::equal_ignoring_case(field.name, "Referer") ||
            starts_with_ignoring_case(field.name, "Sec-Fetch-")) {
            return "requests made by web pages are refused";
        }
        if (http::equal_ignoring_case(field.name, "X-Forwarded-For") ||
            http::equal_ignoring_case(field.name, "Forwarded") ||
            http::equal_ignoring_case(field.name, "Via")) {
            return "forwarded requests are refused";
        }
    }
    return std::nullopt;
}

enum class host_check { good, malformed, foreign };

/// Names a page could not have been loaded from by DNS rebinding.
host_check check_host(const http::request& request) {
    const std::size_t count = request.count("Host");
    if (count == 0) {
        // RFC 9112 §3.2: HTTP/1.1 requests carry one.
        return request.version == 10 ? host_check::good : host_check::malformed;
    }
    if (count > 1) return host_check::malformed;
    const std::string_view value = request.find("Host")->value;
    if (value.empty()) return host_check::good;
    const auto parts = http::split_host(value);
    if (!parts) return host_check::malformed;
    static constexpr std::array<std::string_view, 2> own_names{"localhost", "imdsd"};
    for (const std::string_view name : own_names) {
        if (http::equal_ignoring_case(parts->host, name)) return host_check::good;
    }
    return host_check::foreign;
}

/// Counts only: the answer is for anyone, and names of profiles are not.
boost::json::object readiness(daemon_control& daemon, bool ready) {
    const boost::json::object status = daemon.status();
    const auto size_of = [&status](std::string_view name) -> std::size_t {
        const boost::json::value* list = status.if_contains(name);
        return list != nullptr && list->is_array() ? list->get_array().size() : 0;
    };
    std::size_t usable = 0;
    if (const boost::json::value* list = status.if_contains("profiles");
        list != nullptr && list->is_array()) {
        for (const boost::json::value& profile : list->get_array()) {
            const boost::json::object* entry = profile.if_object();
            const boost::json::value* state = entry ? entry->if_contains("state") : nullptr;
            const boost::json::string* name = state ? state->if_string() : nullptr;
            if (name != nullptr && (*name == "fresh" || *name == "renewing" || *name == "stale")) {
                ++usable;
            }
        }
    }
    boost::json::object answer;
    answer["ready"] = ready;
    answer["listeners"] = size_of("listeners");
    answer["profiles"] = size_of("profiles");
    answer["profiles_usable"] = usable;
    return answer;
}

/// The operations that take arguments.
bool takes_query(operation what) {
    switch (what) {
        case operation::explain:
        case operation::env_of:
        case operation::add_event:
        case operation::cancel_event:
        case operation::complete_event:
        case operation::show_options:
        case operation::change_options:
        case operation::publish_key:
        case operation::activate_key:
        case operation::rotate_key:
        case operation::retire_key:
        case operation::revoke_key:
        case operation::revoke:
            return true;
        default:
            return false;
    }
}

/// What the daemon said to a change, or why it refused.
void answer_result(http::response& answer, const base::result<boost::json::object>& outcome) {
    if (outcome) return answer_json(answer, 200, *outcome);
    switch (outcome.error().kind) {
        case base::error_kind::invalid:
            return answer_error(answer, 400, "BadRequest", outcome.error().message);
        case base::error_kind::not_found:
            // The operation is there; what its arguments name is not.
            return answer_error(answer, 400, "UnknownName", outcome.error().message);
        case base::error_kind::denied:
            return answer_error(answer, 409, "NotAllowedNow", outcome.error().message);
        case base::error_kind::exhausted:
            return answer_error(answer, 409, "LimitExceeded", outcome.error().message);
        case base::error_kind::unavailable:
            return answer_error(answer, 503, "Unavailable", outcome.error().message);
        default:
            return answer_error(answer, 500, "InternalError", outcome.error().message);
    }
}

std::optional<key_request::action> key_action(operation what) {
    switch (what) {
        case operation::publish_key:
            return key_request::action::publish;
        case operation::activate_key:
            return key_request::action::activate;
        case operation::rotate_key:
            return key_request::action::rotate;
        case operation::retire_key:
            return key_request::action::retire;
        case operation::revoke_key:
            return key_request::action::revoke;
        default:
            return std::nullopt;
    }
}

bool succeeded(const boost::json::object& answer) {
    const boost::json::value* ok = answer.if_contains("ok");
    return ok != nullptr && ok->is_bool() && ok->get_bool();
}

}  // namespace

void answer_error(http::response& answer, unsigned status, std::string_view code,
                  std::string_view message) {
    boost::json::object inner;
    inner["code"] = code;
    inner["message"] = message;
    boost::json::object body;
    body["error"] = std::move(inner);
    answer_json(answer, status, body);
}

router::router(daemon_control& daemon, options chosen)
    : daemon_(daemon), options_(std::move(chosen)) {}

void router::respond(const identified_peer& peer, const http::request& request,
                     http::response& answer) const {
    if (const auto sign = forwarded_sign(request)) {
        answer.close = true;
        return answer_error(answer, 403, "Forwarded", *sign);
    }
    switch (check_host(request)) {
        case host_check::good:
            break;
        case host_check::malformed:
            answer.close = true;
            return answer_error(answer, 400, "BadHost", "exactly one Host header is expected");
        case host_check::foreign:
            answer.close = true;
            return answer_error(answer, 403, "ForeignHost", "the Host header must be localhost");
    }
    const auto target = http::split_target(request.target);
    if (!target || !target->authority.empty()) {
        return answer_error(answer, 400, "BadTarget", "the request target is not a path");
    }
    const permit_lookup found = find_permit(request.method, target->path);
    if (found.entry == nullptr && found.allow.empty()) {
        return answer_error(answer, 404, "NotFound", "there is no such operation");
    }
    if (found.entry == nullptr) {
        answer.more_headers = "Allow: " + found.allow + "\r\n";
        return answer_error(answer, 405, "MethodNotAllowed", "the operation wants another method");
    }
    const bool allowed = may(*found.entry, peer, options_.allowed);
    if (!allowed) {
        answer_error(answer, 403, "NotAnOperator",
                     "only root, the daemon's own user and members of the admin group may do this");
    } else if (!request.body.empty()) {
        answer_error(answer, 400, "BodyNotExpected", "arguments are given in the query");
    } else {
        try {
            perform(*found.entry, peer, target->query, answer);
        } catch (const std::exception&) {
            // Its text may tell internals; the peer learns only that it was our fault.
            answer.close = true;
            answer_error(answer, 500, "InternalError", "the daemon failed to answer");
        }
    }
    if (options_.report && (!allowed || found.entry->audited)) {
        event happened;
        happened.who = peer;
        happened.what = found.entry->what;
        happened.allowed = allowed;
        happened.status = answer.status;
        options_.report(happened);
    }
}

void router::perform(const permit& entry, const identified_peer& peer, std::string_view query,
                     http::response& answer) const {
    const bool verbose = entry.what == operation::ready && query == "verbose";
    if (!query.empty() && !takes_query(entry.what) && !verbose) {
        return answer_error(answer, 400, "BadQuery", "the operation does not take this query");
    }
    switch (entry.what) {
        case operation::live: {
            boost::json::object live;
            live["live"] = true;
            return answer_json(answer, 200, live);
        }
        case operation::ready: {
            const bool ready = daemon_.ready();
            boost::json::object short_answer;
            short_answer["ready"] = ready;
            return answer_json(answer, ready ? 200 : 503,
                               verbose ? readiness(daemon_, ready) : short_answer);
        }
        case operation::whoami:
            return answer_json(answer, 200, whoami(peer));
        case operation::status:
            return answer_json(answer, 200, daemon_.status());
        case operation::explain: {
            const auto facts = parse_explain_query(query);
            if (!facts) return answer_error(answer, 400, "BadQuery", facts.error().message);
            return answer_json(answer, 200, daemon_.explain(*facts));
        }
        case operation::env:
            return answer_json(answer, 200, daemon_.environment(peer.who));
        case operation::env_of: {
            const auto whose = parse_environment_query(query);
            if (!whose) return answer_error(answer, 400, "BadQuery", whose.error().message);
            return answer_json(answer, 200, daemon_.environment_of(*whose));
        }
        case operation::reload: {
            const boost::json::object outcome = daemon_.reload();
            const bool good = succeeded(outcome);
            answer_json(answer, good ? 200 : 422, outcome);
            if (!good) answer.reason = "Unprocessable Content";
            return;
        }
        case operation::identity:
            return answer_result(answer, daemon_.identity());
        case operation::list_events:
            return answer_json(answer, 200, daemon_.events());
        case operation::add_event: {
            const auto request = parse_event_query(query);
            if (!request) return answer_error(answer, 400, "BadQuery", request.error().message);
            return answer_result(answer, daemon_.add_event(peer.who, *request));
        }
        case operation::cancel_event:
        case operation::complete_event: {
            const auto id = parse_event_id_query(query);
            if (!id) return answer_error(answer, 400, "BadQuery", id.error().message);
            const bool cancel = entry.what == operation::cancel_event;
            return answer_result(answer, cancel ? daemon_.cancel_event(peer.who, *id)
                                                : daemon_.complete_event(peer.who, *id));
        }
        case operation::show_options:
        case operation::change_options: {
            const auto request = parse_options_query(query);
            if (!request) return answer_error(answer, 400, "BadQuery", request.error().message);
            const bool asks = !request->reset && request->change.empty();
            if (entry.what == operation::show_options) {
                if (asks) return answer_result(answer, daemon_.options(request->profile));
                return answer_error(answer, 400, "BadQuery", "use POST to change options");
            }
            if (asks) return answer_error(answer, 400, "BadQuery", "no option is named");
            return answer_result(answer, daemon_.change_options(peer.who, *request));
        }
        case operation::list_keys:
            return answer_result(answer, daemon_.keys());
        case operation::publish_key:
        case operation::activate_key:
        case operation::rotate_key:
        case operation::retire_key:
        case operation::revoke_key: {
            const auto request = parse_key_query(*key_action(entry.what), query);
            if (!request) return answer_error(answer, 400, "BadQuery", request.error().message);
            return answer_result(answer, daemon_.change_keys(peer.who, *request));
        }
        case operation::list_revocations:
            return answer_result(answer, daemon_.revocations());
        case operation::revoke: {
            const auto request = parse_revoke_query(query);
            if (!request) return answer_error(answer, 400, "BadQuery", request.error().message);
            return answer_result(answer, daemon_.revoke(peer.who, *request));
        }
    }
    answer_error(answer, 500, "InternalError", "the daemon failed to answer");
}

boost::json::object router::whoami(const identified_peer& peer) const {
    boost::json::object decision = daemon_.whoami(peer.who);
    // The steps quote every binding that was looked at, other users' among them.
    if (!is_operator(peer, options_.allowed)) decision.erase("steps");
    return decision;
}

}  // namespace admin
