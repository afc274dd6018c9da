// A trust policy that is stored comes back as it was; once somebody whom it names is gone, what is
// shown differs in those names alone, can be stored again, and trusts whom the first one trusted.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "encoding/json.hpp"
#include "iam/records.hpp"
#include "iam/trust_binding.hpp"
#include "policy/evaluate.hpp"

namespace {

namespace json = boost::json;

constexpr const char* account = "123456789012";
constexpr const char* alice_arn = "arn:aws:iam::123456789012:user/alice";
constexpr const char* alice_id = "AIDARZPUZDIKAAAAAAAAA";
constexpr std::size_t longest = 4096;

void expect(bool holds) {
    if (!holds) std::abort();
}

std::shared_ptr<const iam::directory> with_alice() {
    iam::account home;
    home.id = account;
    iam::user alice;
    alice.account = account;
    alice.name = "alice";
    alice.unique_id = alice_id;
    return iam::directory::empty("aws")->with({iam::put(home), iam::put(alice)});
}

/// In every principal that is Alice, her id.
void replace(json::value& statement) {
    json::object* members = statement.if_object();
    json::value* principal = members == nullptr ? nullptr : members->if_contains("Principal");
    json::object* kinds = principal == nullptr ? nullptr : principal->if_object();
    json::value* named = kinds == nullptr ? nullptr : kinds->if_contains("AWS");
    if (named == nullptr) return;
    if (named->is_string() && named->get_string() == alice_arn) *named = alice_id;
    if (json::array* list = named->if_array()) {
        for (json::value& one : *list) {
            if (one.is_string() && one.get_string() == alice_arn) one = alice_id;
        }
    }
}

json::value with_id(std::string_view text) {
    json::value out = encoding::parse_json(text).value();
    json::value& statements = out.get_object()["Statement"];
    if (json::array* list = statements.if_array()) {
        for (json::value& one : *list)
            replace(one);
    } else {
        replace(statements);
    }
    return out;
}

policy::effect decide(const iam::role& one) {
    const policy::principal alice{
        policy::principal::type::user, account, alice_arn, {}, alice_id, {}};
    const auto record = iam::make_record(one, "arn:aws:iam::123456789012:role/r");
    expect(record != nullptr);
    return policy::evaluate_trust(record->trust, "sts:AssumeRole", alice, {}).outcome;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const auto before = with_alice();
    static const auto after =
        before->with({iam::removal(iam::entity_kind::user, iam::key_of(account, "alice"))});
    if (size > longest) return 0;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto bound = iam::bind_trust_policy(text, *before, nullptr);
    if (!bound) {
        expect(bound.error().code == "MalformedPolicyDocument");
        return 0;
    }
    iam::role one;
    one.account = account;
    one.name = "r";
    one.trust_policy = text;
    one.trusted_ids = *bound;
    expect(iam::shown_trust_policy(one, *before) == text);
    iam::role shown = one;
    shown.trust_policy = iam::shown_trust_policy(one, *after);
    expect(encoding::parse_json(shown.trust_policy).value() == with_id(text));
    expect((shown.trust_policy == text) == bound->empty());
    const auto again = iam::bind_trust_policy(shown.trust_policy, *after, &one);
    expect(again.has_value());
    shown.trusted_ids = *again;
    expect(again->empty() && iam::shown_trust_policy(shown, *after) == shown.trust_policy);
    expect(decide(shown) == decide(one));
    return 0;
}
