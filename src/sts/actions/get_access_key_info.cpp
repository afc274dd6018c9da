#include "aws/identifiers.hpp"
#include "sts/actions/actions.hpp"
#include "sts/actions/caller_rules.hpp"
#include "sts/audit.hpp"
#include "sts/authorization.hpp"
#include "sts/query/constraints.hpp"
#include "sts/request_facts.hpp"
#include "sts/wire_error.hpp"

namespace sts {

namespace {

bool is_word(char32_t c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}
constexpr character_class key_id_characters{is_word, "[\\w]*"};

/// The key of the caller's own account, or an account that the id itself carries. Whether a key of
/// another account exists is not told: that would be a way to look for them.
std::optional<std::string> account_of(const call& made, std::string_view id) {
    const auto key = made.principals.find_access_key(id);
    if (key != nullptr && key->account == made.by.principal.account) return key->account;
    auto carried = aws::account_of_access_key(id);
    if (carried && made.principals.has_account(*carried)) return carried;
    return std::nullopt;
}

action_result attempt(const call& made, const parameters& given, audit_record::record& record) {
    const auto id = given.text("AccessKeyId");
    put(record.request_parameters, "accessKeyId", id);
    constraints c;
    c.required(id, "accessKeyId");
    c.text(id, "accessKeyId", {16, 128}, &key_id_characters);
    if (auto done = c.check(); !done) return done.error();
    if (auto done = refuse_user_sessions(made, "GetAccessKeyInfo"); !done) return done.error();
    auto decision = authorization_check::of_resource(made, "*");
    if (!decision) return decision.error();
    const auto allowed = decision->allow("sts:GetAccessKeyInfo", caller_facts(made));
    decision->tell(record.additional);
    if (!allowed) return allowed.error();
    const auto account = account_of(made, *id);
    if (!account)
        return wire_error("ValidationError", "The access key ID " + *id + " is not known here.");
    return std::vector<result_node>{result_node::text("Account", *account)};
}

}  // namespace

action_result get_access_key_info(const call& made, const parameters& given) {
    audit_record::record record = begin_record(made, "GetAccessKeyInfo");
    action_result outcome = attempt(made, given, record);
    return conclude(made, std::move(record), std::move(outcome));
}

}  // namespace sts
