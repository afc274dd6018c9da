#include "sts/actions/actions.hpp"
#include "sts/audit.hpp"
#include "sts/authorization.hpp"
#include "sts/query/constraints.hpp"
#include "sts/wire_error.hpp"

namespace sts {

namespace {

// Limits of the service model (GetWebIdentityToken, API reference).
constexpr std::size_t most_audiences = 10;
constexpr constraints::length audience_length{1, 1000};
constexpr std::int64_t shortest_token_life = 60;
constexpr std::int64_t longest_token_life = 3'600;

struct input {
    bool has_audience = false;
    passed_texts audience;
    std::optional<std::string> algorithm;
    std::optional<std::int64_t> duration;
    std::vector<passed_tag> tags;
};

base::result<input> read(const parameters& from) {
    input out;
    const auto audience = from.scalars("Audience");
    if (!audience) return audience.error();
    for (const parameters::element& e : *audience)
        out.audience.push_back(e.text(""));
    out.has_audience = !out.audience.empty() || from.find("Audience") != nullptr;
    out.algorithm = from.text("SigningAlgorithm");
    const auto duration = from.integer("DurationSeconds");
    if (!duration) return duration.error();
    out.duration = *duration;
    auto tags = read_tags(from);
    if (!tags) return tags.error();
    out.tags = std::move(*tags);
    return out;
}

boost::json::object shown_parameters(const input& in) {
    boost::json::object out;
    put_texts(out, "audience", in.audience);
    put(out, "signingAlgorithm", in.algorithm);
    put(out, "durationSeconds", in.duration);
    put_tags(out, in.tags);
    return out;
}

base::result<void> check_constraints(const input& in) {
    constraints c;
    c.required_list(in.has_audience, in.audience.size(), "audience");
    const std::size_t looked_at = c.count(in.audience.size(), "audience", most_audiences);
    for (std::size_t i = 0; i < looked_at; ++i) {
        const std::string member = "audience." + std::to_string(i + 1) + ".member";
        c.required(in.audience[i], member);
        c.text(in.audience[i], member, audience_length, nullptr);
    }
    c.required(in.algorithm, "signingAlgorithm");
    static constexpr std::string_view algorithms[] = {"RS256", "ES384"};
    c.choice(in.algorithm, "signingAlgorithm", algorithms);
    c.range(in.duration, "durationSeconds", shortest_token_life, longest_token_life);
    check_model(c, in.tags);
    return c.check();
}

/// Users, with or without a session of their own, and role sessions.
base::result<void> check_caller(const call& made) {
    using type = policy::principal::type;
    const type kind = made.by.principal.kind;
    if (kind == type::user || kind == type::role_session) return {};
    return access_denied(
        made.by, "sts:GetWebIdentityToken",
        "arn:" + made.options.partition + ":sts::" + made.by.principal.account + ":self");
}

action_result attempt(const call& made, const input& in) {
    if (auto done = check_constraints(in); !done) return done.error();
    if (auto done = check_caller(made); !done) return done.error();
    // Keys that begin with "aws:" are fine here, unlike for session tags.
    if (auto done = check_distinct_keys(tags_of(in.tags)); !done) return done.error();
    // No policy is asked: there is nothing that it could allow.
    return wire_error("OutboundWebIdentityFederationDisabledException",
                      "Outbound web identity federation is not enabled for account " +
                          made.by.principal.account + ".");
}

}  // namespace

action_result get_web_identity_token(const call& made, const parameters& given) {
    audit_record::record record = begin_record(made, "GetWebIdentityToken");
    record.read_only = false;
    const auto in = read(given);
    if (!in) return conclude(made, std::move(record), in.error());
    record.request_parameters = shown_parameters(*in);
    return conclude(made, std::move(record), attempt(made, *in));
}

}  // namespace sts
