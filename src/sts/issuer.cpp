#include "sts/issuer.hpp"

#include <mutex>

#include "aws/identifiers.hpp"
#include "http/target.hpp"
#include "sts/actions/actions.hpp"
#include "sts/audit.hpp"
#include "sts/call.hpp"
#include "sts/query/answer.hpp"
#include "sts/query/parameters.hpp"
#include "sts/refused_calls.hpp"
#include "sts/wire_error.hpp"

namespace sts {

namespace {

constexpr std::string_view api_version = "2011-06-15";

/// What can be called. Everything else, known to AWS or not, does not exist here.
enum class action { assume_role, get_caller_identity };
struct action_row {
    std::string_view name;
    action what;
};
constexpr action_row actions[] = {{"AssumeRole", action::assume_role},
                                  {"GetCallerIdentity", action::get_caller_identity}};

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
    issuer_options options;
    sigv4::rules rules;
    const base::clock& clock;
    base::random& random;
    audit_port audit;

    mutable std::mutex mutex;  // guards the two pointers, not what they point to
    std::shared_ptr<const principal_store> principals;
    std::shared_ptr<const key_ring> keys;
    refused_calls refused;

    struct state {
        std::shared_ptr<const principal_store> principals;
        std::shared_ptr<const key_ring> keys;
    };
    state current() const {
        const std::lock_guard lock(mutex);
        return {principals, keys};
    }

    call begin(const state& with, caller by, const request_origin& origin, std::string request_id,
               std::string region, std::string user_agent) {
        return {options,
                *with.principals,
                *with.keys,
                random,
                audit,
                clock.now(),
                std::move(by),
                origin,
                std::move(request_id),
                std::move(region),
                std::move(user_agent)};
    }

    /// For the daemon's own fetches: nothing leaves the process.
    call begin_as_service(const state& with, std::string_view service_principal) {
        request_origin origin;
        origin.secure_transport = true;
        return begin(with, service_caller(service_principal), origin, aws::make_uuid(random),
                     options.default_region, std::string(service_principal));
    }

    base::result<parameters> read_parameters(const http::request& request) const;
    base::result<void> handle(const http::request& request, const request_origin& origin,
                              const std::string& request_id, answer_format format,
                              http::response& answer);
    base::result<std::vector<result_node>> perform(action what, const call& made,
                                                   const parameters& given);
};

base::result<parameters> issuer::implementation::read_parameters(
    const http::request& request) const {
    const bool post = request.method == "POST";
    if (!post && request.method != "GET")
        return wire_error("MethodNotAllowed", "The method must be GET or POST");
    if (request.body.size() > options.body_bytes)
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

base::result<void> issuer::implementation::handle(const http::request& request,
                                                  const request_origin& origin,
                                                  const std::string& request_id,
                                                  answer_format format, http::response& answer) {
    const auto given = read_parameters(request);
    if (!given) return given.error();
    const std::string* name = given->find("Action");
    const std::string* version = given->find("Version");
    if (name == nullptr || name->empty())
        return wire_error("MissingAction",
                          "The request is missing an action or a required parameter.");
    const action_row* row = nullptr;
    for (const action_row& r : actions) {
        if (r.name == *name) row = &r;
    }
    if (row == nullptr || version == nullptr || *version != api_version)
        return no_such_operation(*name, version);

    const base::wall_time now = clock.now();
    const http::field* user_agent = request.find("user-agent");
    refused_calls::facts facts{
        *name, {}, options.default_region, user_agent ? user_agent->value : "", request_id};
    const auto claim = sigv4::read_claim(request, now, rules);
    if (!claim) {
        base::error why = coded(claim.error(), "IncompleteSignature");
        refused.note(facts, origin, why, clock, random, audit);
        return why;
    }
    const state with = current();
    auto by = authenticate(request, *claim, {*with.principals, *with.keys, options.partition, now});
    if (!by) {
        facts.access_key_id = claim->access_key_id;
        facts.region = claim->credential_scope.region;
        refused.note(facts, origin, by.error(), clock, random, audit);
        return by.error();
    }

    const call made =
        begin(with, std::move(*by), origin, request_id, claim->credential_scope.region,
              user_agent == nullptr ? "" : std::string(user_agent->value));
    const auto result = perform(row->what, made, *given);
    if (!result) return result.error();
    write_success(row->name, *result, request_id, format, answer);
    return {};
}

base::result<std::vector<result_node>> issuer::implementation::perform(action what,
                                                                       const call& made,
                                                                       const parameters& given) {
    if (what == action::get_caller_identity) return get_caller_identity(made);
    const auto input = assume_role_input::read(given);
    if (!input) {
        audit_record::record record = begin_record(made, "AssumeRole");
        set_failure(record, input.error());
        if (auto kept = promise(made, std::move(record)); !kept) return kept.error();
        return input.error();
    }
    const auto output = assume_role(made, *input);
    if (!output) return output.error();
    return output->nodes();
}

issuer::issuer(issuer_options options, std::shared_ptr<const principal_store> principals,
               std::shared_ptr<const key_ring> keys, const base::clock& clock, base::random& random,
               audit_port audit) {
    sigv4::rules rules{"sts", options.regions, options.clock_skew};
    self_.reset(new implementation{std::move(options),
                                   std::move(rules),
                                   clock,
                                   random,
                                   std::move(audit),
                                   {},
                                   std::move(principals),
                                   std::move(keys),
                                   {}});
}

issuer::~issuer() = default;

void issuer::replace_principals(std::shared_ptr<const principal_store> principals) {
    const std::lock_guard lock(self_->mutex);
    self_->principals = std::move(principals);
}

void issuer::replace_keys(std::shared_ptr<const key_ring> keys) {
    const std::lock_guard lock(self_->mutex);
    self_->keys = std::move(keys);
}

void issuer::respond(const http::request& request, const request_origin& origin,
                     http::response& answer) {
    std::string request_id = "00000000-0000-4000-8000-000000000000";
    answer_format format = answer_format::xml;
    try {
        answer.clear();
        format = format_of(request);
        request_id = aws::make_uuid(self_->random);
        const auto handled = self_->handle(request, origin, request_id, format, answer);
        if (!handled) write_failure(handled.error(), request_id, format, answer);
    } catch (...) {
        answer.clear();
        write_failure(wire_error("InternalFailure",
                                 "The request processing has failed because of an unknown error, "
                                 "exception or failure."),
                      request_id, format, answer);
    }
}

base::result<aws::credentials> issuer::assume_role_as_service(
    std::string_view service_principal, const assume_role_parameters& parameters) {
    const implementation::state with = self_->current();
    const call made = self_->begin_as_service(with, service_principal);
    auto output = assume_role(made, assume_role_input::from(parameters));
    if (!output) return output.error();
    return std::move(output->credentials);
}

base::result<aws::credentials> issuer::instance_credentials_as_service(
    std::string_view service_principal, std::string_view account, std::string_view instance_id,
    base::seconds duration) {
    const implementation::state with = self_->current();
    const call made = self_->begin_as_service(with, service_principal);
    return issue_instance_identity(made, account, instance_id, duration);
}

}  // namespace sts
