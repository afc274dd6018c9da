#include "container/responder.hpp"

#include <algorithm>
#include <cstdio>

#include "container/json_object.hpp"
#include "container/routes.hpp"
#include "container/task_metadata.hpp"
#include "http/go_server.hpp"
#include "http/target.hpp"

namespace container {

namespace {

constexpr std::string_view json_headers = "Content-Type: application/json\r\n";
constexpr std::string_view text_headers = "Content-Type: text/plain; charset=utf-8\r\n";
constexpr std::string_view plain_headers = "Content-Type: text/plain\r\n";

using kind = outcome::kind;

void answer_json(unsigned status, std::string body, http::response& answer) {
    answer.status = status;
    answer.headers = json_headers;
    answer.own_body(std::move(body));
}

bool is_printable(std::string_view text) {
    return std::all_of(text.begin(), text.end(),
                       [](char c) { return static_cast<unsigned char>(c) > 0x20 && c != 0x7f; });
}

/// gorilla/mux: the clean path and the query as it was; no body.
void answer_moved(std::string location, std::string_view query, http::response& answer) {
    if (!query.empty() && is_printable(query)) location.append("?").append(query);
    answer.status = 301;
    answer.more_headers = "Location: " + location + "\r\n";
}

/// The limiter's library puts these on every answer.
void add_rate_headers(const http::request& request, const request_context& context,
                      http::response& answer) {
    char limit[32];
    std::snprintf(limit, sizeof limit, "%.2f", double(context.allowed.per_second));
    std::string& out = answer.more_headers;
    out.append("X-Rate-Limit-Duration: 1\r\nX-Rate-Limit-Limit: ").append(limit).append("\r\n");
    const http::field* forwarded = request.find("X-Forwarded-For");
    const auto fit = [](char c) { return c == ' ' || c == '\t' || (c > 0x20 && c < 0x7f); };
    if (forwarded && !forwarded->value.empty() &&
        std::all_of(forwarded->value.begin(), forwarded->value.end(), fit)) {
        out.append("X-Rate-Limit-Request-Forwarded-For: ").append(forwarded->value).append("\r\n");
    }
    out.append("X-Rate-Limit-Request-Remote-Addr: ").append(context.remote_addr).append("\r\n");
}

/// "CredentialsV2Request: " by the agent's version of the protocol; the path without an id is ours
/// alone.
void answer_error(unsigned status, std::string_view code, int version, std::string_view message,
                  http::response& answer) {
    std::string text = "Credentials";
    if (version != 0) text += "V" + std::to_string(version);
    text.append("Request: ").append(message);
    answer_json(status,
                json_object()
                    .text("code", code)
                    .text("message", text)
                    .number("HTTPErrorCode", std::int64_t(status))
                    .take(),
                answer);
}

outcome serve_credentials(const request_context& context, int version, bool may_wait,
                          http::response& answer) {
    using status = credential_state::status;
    const credential_state& state = context.credentials;
    switch (state.now) {
        case status::none:
            answer_error(400, "InvalidIdInRequest", version, "Credentials not found", answer);
            return {};
        case status::denied:
            answer_line(403, "refused: the issuer denies the role: " + state.denial + "\n", answer);
            return {kind::role_denied};
        case status::valid:
            if (context.now >= state.expires) break;
            answer.headers = json_headers;
            answer.body = state.document;
            return {kind::credentials_served};
        case status::pending:
            if (may_wait && !state.retrying) return {kind::credentials_pending};
            break;
    }
    answer_error(503, "CredentialsUninitialized", version, "Credentials uninitialized for ID",
                 answer);
    return {};
}

outcome credentials_of_id(const request_context& context, std::string_view id, int version,
                          bool may_wait, http::response& answer) {
    if (id.empty()) {
        answer_error(400, "NoIdInRequest", version, "No Credential ID in the request", answer);
        return {};
    }
    if (!same_identifier(id, context.own.credentials_id)) {
        answer_error(400, "InvalidIdInRequest", version, "Credentials not found", answer);
        return {kind::unknown_id};
    }
    return serve_credentials(context, version, may_wait, answer);
}

outcome credentials_of_token(const http::request& request, const request_context& context,
                             bool may_wait, http::response& answer) {
    // Which of two is meant would be a guess.
    if (request.count("Authorization") > 1) {
        answer_line(400, "refused: more than one Authorization header\n", answer);
        return {kind::bad_token};
    }
    const http::field* token = request.find("Authorization");
    if (!token || !same_identifier(token->value, context.own.token.reveal())) {
        answer_line(403,
                    "refused: the Authorization header does not bear this caller's token "
                    "('imdsd env' tells it)\n",
                    answer);
        return {kind::bad_token};
    }
    return serve_credentials(context, 0, may_wait, answer);
}

struct handler_name {
    std::string_view name;  ///< as the agent calls itself in its errors
    bool by_container;      ///< the agent looks for the container first, else for the task
};

handler_name handler_of(route to) {
    switch (to) {
        case route::container:
            return {"container metadata handler", true};
        case route::container_stats:
            return {"container stats handler", false};
        case route::task_stats:
            return {"task stats handler", false};
        case route::associations:
            return {"container associations handler", true};
        case route::association:
            return {"container associations handler", false};
        default:
            return {"task metadata handler", false};
    }
}

void answer_text(unsigned status, std::string_view text, http::response& answer) {
    answer_json(status, go_string(text), answer);
}

void answer_unknown_endpoint(const routed& asked, http::response& answer) {
    const bool association = asked.to == route::associations || asked.to == route::association;
    const handler_name by = handler_of(asked.to);
    std::string text = "V" + std::to_string(asked.version) + " " + std::string(by.name) + ": ";
    if (by.by_container) {
        // The agent's spelling differs between its handlers.
        text += association ? "unable to get container id from request: "
                            : "unable to get container ID from request: ";
        text += "unable to get docker ID from v3 endpoint ID: ";
    } else {
        text += "unable to get task arn from request: unable to get task Arn from v3 endpoint ID: ";
    }
    text += asked.id;
    answer_text(association ? 400 : asked.version >= 4 ? 404 : 500, text, answer);
}

void answer_statistics(const routed& asked, const description& about, const statistics* measured,
                       http::response& answer) {
    const container_facts& own = about.task.containers[about.own];
    if (asked.to == route::container_stats) {
        const std::string* document = nullptr;
        if (measured)
            for (const auto& [id, json] : *measured)
                if (id == own.docker_id) document = &json;
        if (document) return answer_json(200, *document, answer);
        return answer_text(500, "Unable to get container stats for: " + own.docker_id, answer);
    }
    if (!measured) {
        return answer_text(500, "Unable to get task stats for: " + about.task.arn, answer);
    }
    json_object all;
    for (const auto& [id, json] : *measured)
        all.raw(id, json);
    answer_json(200, all.take(), answer);
}

void answer_metadata(const routed& asked, const description& about, http::response& answer) {
    switch (asked.to) {
        case route::container:
            return answer_json(
                200, container_document(about.task.containers[about.own], asked.version), answer);
        case route::task:
        case route::task_with_tags:
            return answer_json(
                200, task_document(about.task, asked.version, asked.to == route::task_with_tags),
                answer);
        case route::associations:
            // Elastic accelerators are what the agent associates; there are none here.
            return answer_json(200, "{\"Associations\":[]}", answer);
        case route::association:
            return answer_text(
                400,
                "Unable to write container association response: unable to get association from "
                "association type " +
                    std::string(asked.type) + " and association name " + std::string(asked.name),
                answer);
        default:
            return http::go::answer_not_found(answer);
    }
}

outcome serve_metadata(const request_context& context, const routed& asked, const looked_up& found,
                       http::response& answer) {
    if (!same_identifier(asked.id, context.own.endpoint_id)) {
        answer_unknown_endpoint(asked, answer);
        return {kind::unknown_id};
    }
    if (!found.described) return {kind::needs_description};
    const description* about = *found.described;
    if (!about || about->own >= about->task.containers.size()) {
        answer_text(500,
                    asked.to == route::container ? "failed to get container metadata"
                                                 : "failed to get task metadata",
                    answer);
        return {};
    }
    if (asked.to == route::container_stats || asked.to == route::task_stats) {
        if (!found.measured) {
            return {asked.to == route::container_stats ? kind::needs_own_statistics
                                                       : kind::needs_task_statistics};
        }
        answer_statistics(asked, *about, *found.measured, answer);
        return {};
    }
    answer_metadata(asked, *about, answer);
    return {};
}

}  // namespace

void answer_line(unsigned status, std::string line, http::response& answer) {
    answer.status = status;
    answer.headers = plain_headers;
    answer.own_body(std::move(line));
}

outcome respond(const http::request& request, const request_context& context,
                const looked_up& found, bool again, bool may_wait, http::response& answer) {
    const auto target = http::split_target(request.target);
    const auto path = target ? read_path(target->path) : base::invalid("no target");
    if (!path) {
        answer.status = 400;
        answer.close = true;
        http::go::answer_unparsed(answer);
        return {};
    }
    if (!path->clean) {
        answer_moved(path->location, target->query, answer);
        return {};
    }
    if (!again && !context.limiter.take(context.caller, context.boot)) {
        answer.status = 429;
        answer.headers = text_headers;
        answer.body = "You have reached maximum request limit.";
        add_rate_headers(request, context, answer);
        return {kind::rate_limited};
    }
    const routed asked = find_route(path->decoded);
    outcome done;
    switch (asked.to) {
        case route::none:
            http::go::answer_not_found(answer);
            break;
        case route::credentials_v1:
            done = credentials_of_id(context, id_of_query(target->query), asked.version, may_wait,
                                     answer);
            break;
        case route::credentials_v2:
            done = credentials_of_id(context, asked.id, asked.version, may_wait, answer);
            break;
        case route::credentials_by_token:
            done = credentials_of_token(request, context, may_wait, answer);
            break;
        default:
            done = serve_metadata(context, asked, found, answer);
    }
    add_rate_headers(request, context, answer);
    return done;
}

}  // namespace container
