#include "sts/actions/actions.hpp"
#include "sts/actions/caller_rules.hpp"
#include "sts/audit.hpp"
#include "sts/authorization.hpp"
#include "sts/authorization_message.hpp"
#include "sts/query/constraints.hpp"
#include "sts/request_facts.hpp"

namespace sts {

namespace {

action_result attempt(const call& made, const parameters& given, audit_record::record& record) {
    const auto message = given.text("EncodedMessage");
    constraints c;
    c.required(message, "encodedMessage");
    c.text(message, "encodedMessage", {1, longest_encoded_message}, nullptr);
    if (auto done = c.check(); !done) return done.error();
    if (auto done = refuse_user_sessions(made, "DecodeAuthorizationMessage"); !done)
        return done.error();
    auto decision = authorization_check::of_resource(made, "*");
    if (!decision) return decision.error();
    const auto allowed = decision->allow("sts:DecodeAuthorizationMessage", caller_facts(made));
    decision->tell(record.additional);
    if (!allowed) return allowed.error();
    const auto text = open_authorization_message(*message, made.by.principal.account,
                                                 made.options.partition, made.keys, made.now);
    if (!text) return text.error();
    return std::vector<result_node>{result_node::text("DecodedMessage", *text)};
}

}  // namespace

action_result decode_authorization_message(const call& made, const parameters& given) {
    audit_record::record record = begin_record(made, "DecodeAuthorizationMessage");
    action_result outcome = attempt(made, given, record);
    return conclude(made, std::move(record), std::move(outcome));
}

}  // namespace sts
