#include "sts/issuer.hpp"

#include <algorithm>
#include <mutex>

#include "aws/identifiers.hpp"
#include "encoding/percent.hpp"
#include "http/target.hpp"
#include "sts/actions/action_table.hpp"
#include "sts/actions/actions.hpp"
#include "sts/audit.hpp"
#include "sts/call.hpp"
#include "sts/call_limiter.hpp"
#include "sts/query/answer.hpp"
#include "sts/query/cross_origin.hpp"
#include "sts/query/parameters.hpp"
#include "sts/refused_calls.hpp"
#include "sts/settings.hpp"
#include "sts/wire_error.hpp"

namespace sts {

namespace {

/// More of a User-Agent is neither recorded nor compared: a pattern of a session policy against a
/// whole header of it would take tens of milliseconds.
constexpr std::size_t longest_user_agent = 1024;
/// RFC 1035 §2.3.4, and a port.
constexpr std::size_t longest_host = 253 + 6;

/// How many calls one that SigV4A signed counts for: its key is derived and its signature verified
/// on a curve, which takes about ten times as long as a GetCallerIdentity (issuer_bench).
constexpr unsigned asymmetric_cost = 10;

base::error no_such_operation(std::string_view name, const std::string* version) {
    constexpr std::size_t longest_shown = 128;
    const std::string_view wanted =
        version == nullptr ? std::string_view("NO_VERSION_SPECIFIED") : std::string_view(*version);
    return wire_error("InvalidAction",
                      "Could not find operation " + std::string(name.substr(0, longest_shown)) +
                          " for version " + std::string(wanted.substr(0, longest_shown)));
}

/// Compares the media type only: SDKs differ in the parameters they add.
bool is_form(std::string_view content_type) {
    std::string_view media = content_type.substr(0, content_type.find(';'));
    while (!media.empty() && (media.back() == ' ' || media.back() == '\t'))
        media.remove_suffix(1);
    return http::equal_ignoring_case(media, "application/x-www-form-urlencoded");
}

base::error coded(const base::error& failure, std::string_view code) {
    return failure.code.empty() ? wire_error(code, failure.message) : failure;
}

}  // namespace

struct issuer::implementation {
    const base::clock& clock;
    base::random& random;
    audit_port audit;
    issuer_surroundings surroundings;

    mutable std::mutex mutex;  // guards the three pointers, not what they point to
    std::shared_ptr<const principal_store> principals;
    std::shared_ptr<const key_ring> keys;
    std::shared_ptr<const settings> chosen;
    refused_calls refused;
    call_limiter addresses;
    call_limiter callers;

    struct state {
        std::shared_ptr<const principal_store> principals;
        std::shared_ptr<const key_ring> keys;
        std::shared_ptr<const settings> chosen;
    };
    state current() const {
        const std::lock_guard lock(mutex);
        return {principals, keys, chosen};
    }

    call begin(const state& with, audit_trail& trail, caller by, const request_origin& origin,
               std::string request_id, std::string region, std::string user_agent,
               std::string host) {
        return {with.chosen->options(),
                *with.principals,
                *with.keys,
                random,
                trail,
                clock.now(),
                std::move(by),
                origin,
                std::move(request_id),
                std::move(region),
                std::move(user_agent),
                std::move(host),
                sessions_trusted()};
    }

    /// The action, and whose it is; or whose it would be, if there were one.
    struct offer {
        const api* of;
        const action_row* row = nullptr;
    };
    offer find(std::string_view name, std::string_view version) const;
    base::result<void> handle(const state& with, audit_trail& trail, const http::request& request,
                              const request_origin& origin, const std::string& request_id,
                              answer_style& style, http::response& answer);
    bool sessions_trusted() const {
        return !surroundings.sessions_trusted || surroundings.sessions_trusted();
    }
    void note_use(const caller& by, const sigv4::claim& claim, std::string_view service,
                  base::wall_time now) const;
    void refuse_service(const http::request& request, base::error why, http::response& answer);
    /// For the daemon's own fetches: nothing leaves the process.
    call begin_as_service(const state& with, audit_trail& trail,
                          std::string_view service_principal) {
        request_origin origin;
        origin.secure_transport = true;
        return begin(with, trail, service_caller(service_principal), origin, aws::make_uuid(random),
                     with.chosen->options().default_region, std::string(service_principal), {});
    }
};

namespace {

base::result<parameters> read_parameters(const http::request& request, std::size_t body_bytes) {
    const bool post = request.method == "POST";
    if (!post && request.method != "GET")
        return wire_error("MethodNotAllowed", "The method must be GET or POST");
    if (request.body.size() > body_bytes)
        return wire_error("RequestEntityTooLarge", "The request body is too large");
    const auto target = http::split_target(request.target);
    if (!target) return wire_error("MalformedQueryString", target.error().message);
    const http::field* type = request.find("content-type");
    if (post && !request.body.empty() && type != nullptr && !is_form(type->value))
        return wire_error("MalformedInput",
                          "The Content-Type must be application/x-www-form-urlencoded");
    const bool authenticated = request.find("authorization") != nullptr ||
                               target->query.find("X-Amz-Signature=") != std::string_view::npos;
    return parameters::parse(target->query, post ? request.body : std::string_view(),
                             authenticated);
}

/// Whether any of the fields is so; `is`: of its name and value, as they are written.
template <class Predicate>
bool any_field(std::string_view fields, Predicate is) {
    while (!fields.empty()) {
        const auto end = fields.find('&');
        const std::string_view one = fields.substr(0, end);
        fields.remove_prefix(end == std::string_view::npos ? fields.size() : end + 1);
        const auto sign = one.find('=');
        if (sign != std::string_view::npos && is(one.substr(0, sign), one.substr(sign + 1)))
            return true;
    }
    return false;
}

/// Whether a Version among the fields is that of the IAM API, by whatever escapes it is written.
bool names_iam(std::string_view fields) {
    const auto is = [](std::string_view written, std::string_view wanted) {
        if (written.size() > 3 * wanted.size()) return false;
        if (written.find('%') == std::string_view::npos) return written == wanted;
        const auto text = encoding::form_decode(written);
        return text && *text == wanted;
    };
    return any_field(fields, [&](std::string_view name, std::string_view value) {
        return is(name, "Version") && is(value, "2010-05-08");
    });
}

/// Whether an Action among the fields is one of those that read. By the names that IAM gives them;
/// escaped ones, which no client sends, count as any other.
bool names_reading(std::string_view fields) {
    return any_field(fields, [](std::string_view name, std::string_view value) {
        return name == "Action" && (value.substr(0, 3) == "Get" || value.substr(0, 4) == "List" ||
                                    value.substr(0, 8) == "Simulate");
    });
}

base::error throttled() {
    return wire_error("Throttling", "Rate exceeded");
}

}  // namespace

issuer::implementation::offer issuer::implementation::find(std::string_view name,
                                                           std::string_view version) const {
    if (const action_row* row = sts_api().find(name, version)) return {&sts_api(), row};
    for (const api* one : surroundings.apis) {
        if (const action_row* row = one->find(name, version)) return {one, row};
    }
    for (const api* one : surroundings.apis) {
        if (one->version() == version) return {one, nullptr};
    }
    return {&sts_api(), nullptr};
}

void issuer::implementation::note_use(const caller& by, const sigv4::claim& claim,
                                      std::string_view service, base::wall_time now) const {
    if (!surroundings.used) return;
    credential_use use;
    if (!by.through) use.access_key_id = by.access_key_id;
    if (by.role != nullptr) use.role_id = by.role->unique_id;
    use.service = service;
    use.region = claim.credential_scope.region;
    use.at = now;
    surroundings.used(use);
}

base::result<void> issuer::implementation::handle(const state& with, audit_trail& trail,
                                                  const http::request& request,
                                                  const request_origin& origin,
                                                  const std::string& request_id,
                                                  answer_style& style, http::response& answer) {
    const issuer_options& options = with.chosen->options();
    // Everything counts, also what turns out to be no call at all.
    const std::string from = limiter_key(origin);
    const auto spare = [&](unsigned calls) {
        return from.empty() ||
               addresses.take(from, clock.boot_now(), options.limits.address, calls);
    };
    const bool in_time = spare(1);
    const auto given = read_parameters(request, options.body_bytes);
    if (!given) return in_time ? given.error() : throttled();
    const std::string* name = given->find("Action");
    const std::string* version = given->find("Version");
    if (name == nullptr || name->empty())
        return !in_time ? throttled()
                        : wire_error("MissingAction",
                                     "The request is missing an action or a required parameter.");
    const auto [owner, row] = find(*name, version == nullptr ? std::string_view() : *version);
    const settings::endpoint& endpoint = with.chosen->endpoint_of(request);
    const bool offered = row != nullptr && !(endpoint.global && row->regional_only);
    style.xml_namespace = owner->xml_namespace();
    if (!offered || version == nullptr || version->empty())
        return in_time ? no_such_operation(*name, version) : throttled();
    const sigv4::rules& rules = owner == &sts_api() ? endpoint.rules : with.chosen->global_rules();

    const base::wall_time now = clock.now();
    const auto field = [&](std::string_view wanted, std::size_t longest) {
        const http::field* found = request.find(wanted);
        return found == nullptr ? std::string_view() : found->value.substr(0, longest);
    };
    const std::string_view user_agent = field("user-agent", longest_user_agent);
    const std::string_view host = field("host", longest_host);
    refused_calls::facts facts{*name, {}, endpoint.rules.region, user_agent, host, request_id};
    const auto refuse = [&](base::error why) {
        refused.note(facts, origin, why, clock, random, trail);
        return why;
    };
    if (!in_time) return refuse(throttled());
    if (!row->needs_signature) return refuse(not_offered(row->name));
    const auto claim = sigv4::read_claim(request, now, rules);
    if (!claim) return refuse(coded(claim.error(), "IncompleteSignature"));
    const unsigned cost = claim->signed_by == sigv4::algorithm::ecdsa ? asymmetric_cost : 1;
    const unsigned rest = std::min(cost, options.limits.address.burst) - 1;
    if (rest > 0 && !spare(rest)) return refuse(throttled());
    auto by =
        authenticate(request, *claim,
                     {*with.principals, *with.keys, options.partition, now, sessions_trusted()});
    facts.access_key_id = claim->access_key_id;
    facts.region = claim->credential_scope.region;
    if (!by) return refuse(by.error());
    if (!callers.take(limiter_key(*by), clock.boot_now(), options.limits.principal, cost))
        return refuse(throttled());
    if (owner == &sts_api()) {
        const auto open = with.chosen->check_region(by->principal.account, facts.region);
        if (!open) return refuse(open.error());
    }
    note_use(*by, *claim, owner->service(), now);

    const call made =
        begin(with, trail, std::move(*by), origin, request_id, claim->credential_scope.region,
              std::string(user_agent), std::string(host));
    const auto result = owner->perform(*row, made, *given);
    if (!result) return result.error();
    write_success(row->name, *result, request_id, style, answer);
    return {};
}

issuer::issuer(issuer_options options, std::shared_ptr<const principal_store> principals,
               std::shared_ptr<const key_ring> keys, const base::clock& clock, base::random& random,
               audit_port audit, issuer_surroundings surroundings) {
    self_.reset(new implementation{clock,
                                   random,
                                   std::move(audit),
                                   std::move(surroundings),
                                   {},
                                   std::move(principals),
                                   std::move(keys),
                                   std::make_shared<const settings>(std::move(options)),
                                   {},
                                   {},
                                   {}});
}

issuer::~issuer() = default;

void issuer::replace(issuer_state state) {
    const std::shared_ptr<const settings> before = self_->current().chosen;
    state.options.partition = before->options().partition;
    state.options.default_region = before->options().default_region;
    auto made = std::make_shared<const settings>(std::move(state.options));
    const std::lock_guard lock(self_->mutex);
    self_->chosen = std::move(made);
    self_->principals = std::move(state.principals);
    self_->keys = std::move(state.keys);
}

void issuer::replace_principals(std::shared_ptr<const principal_store> principals) {
    const std::lock_guard lock(self_->mutex);
    self_->principals = std::move(principals);
}

void issuer::replace_keys(std::shared_ptr<const key_ring> keys) {
    const std::lock_guard lock(self_->mutex);
    self_->keys = std::move(keys);
}

audit_promise issuer::respond(const http::request& request, const request_origin& origin,
                              http::response& answer) {
    std::string request_id = "00000000-0000-4000-8000-000000000000";
    answer_style style;
    audit_trail trail(self_->audit);
    try {
        answer.clear();
        style.format = format_of(request);
        const implementation::state with = self_->current();
        const std::vector<std::string>& origins = with.chosen->options().allowed_origins;
        if (is_preflight(request, origins)) {
            answer_preflight(request, origins, answer);
            permit_origin(request, origins, answer);
            return {};
        }
        request_id = aws::make_uuid(self_->random);
        const auto handled = self_->handle(with, trail, request, origin, request_id, style, answer);
        if (!handled) write_failure(handled.error(), request_id, style, answer);
        permit_origin(request, origins, answer);
    } catch (...) {
        answer.clear();
        write_failure(wire_error("InternalFailure",
                                 "The request processing has failed because of an unknown error, "
                                 "exception or failure."),
                      request_id, style, answer);
    }
    return trail.promised();
}

bool issuer::may_block(const http::request& request) {
    const auto target = http::split_target(request.target);
    return (target && names_iam(target->query)) || names_iam(request.body);
}

bool issuer::only_reads(const http::request& request) {
    // Were there another Action, or another spelling, the request would be refused unread.
    const auto target = http::split_target(request.target);
    return (target && names_reading(target->query)) || names_reading(request.body);
}

void issuer::implementation::refuse_service(const http::request& request, base::error why,
                                            http::response& answer) {
    answer.clear();
    write_failure(why, aws::make_uuid(random), {format_of(request)}, answer);
    permit_origin(request, current().chosen->options().allowed_origins, answer);
}

void issuer::answer_unrecorded(const http::request& request, http::response& answer) {
    self_->refuse_service(request, not_recorded(), answer);
}

void issuer::answer_overloaded(const http::request& request, http::response& answer) {
    self_->refuse_service(
        request, wire_error("ServiceUnavailable", "Too many requests are under way"), answer);
}

void issuer::refuse(const http::request& read, http::response& answer) {
    write_refusal(aws::make_uuid(self_->random), format_of(read), answer);
}

base::result<aws::credentials> issuer::assume_role_as_service(
    std::string_view service_principal, const assume_role_parameters& parameters) {
    const implementation::state with = self_->current();
    audit_trail trail(self_->audit);
    const call made = self_->begin_as_service(with, trail, service_principal);
    auto output = assume_role(made, assume_role_input::from(parameters));
    if (!output) return output.error();
    if (!trail.kept()) return not_recorded();
    return std::move(output->credentials);
}

base::result<aws::credentials> issuer::instance_credentials_as_service(
    std::string_view service_principal, std::string_view account, std::string_view instance_id,
    base::seconds duration) {
    const implementation::state with = self_->current();
    audit_trail trail(self_->audit);
    const call made = self_->begin_as_service(with, trail, service_principal);
    auto issued = issue_instance_identity(made, account, instance_id, duration);
    if (issued && !trail.kept()) return not_recorded();
    return issued;
}

}  // namespace sts
