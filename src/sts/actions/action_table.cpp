#include "sts/actions/action_table.hpp"

#include "sts/actions/actions.hpp"
#include "sts/audit.hpp"
#include "sts/wire_error.hpp"

namespace sts {

namespace {

action_result perform_assume_role(const call& made, const parameters& given) {
    const auto input = assume_role_input::read(given);
    if (!input) return conclude(made, begin_record(made, "AssumeRole"), input.error());
    const auto output = assume_role(made, *input);
    if (!output) return output.error();
    return output->nodes();
}

constexpr action_row rows[] = {
    {"AssumeRole", false, perform_assume_role},
    {"AssumeRoleWithSAML", false, nullptr, false},
    {"AssumeRoleWithWebIdentity", false, nullptr, false},
    {"AssumeRoot", true, assume_root},
    {"DecodeAuthorizationMessage", false, decode_authorization_message},
    {"GetAccessKeyInfo", false, get_access_key_info},
    {"GetCallerIdentity", false, get_caller_identity},
    {"GetDelegatedAccessToken", false, nullptr},
    {"GetFederationToken", false, get_federation_token},
    {"GetSessionToken", false, get_session_token},
    {"GetWebIdentityToken", true, get_web_identity_token},
    {"VerifyCaller", false, verify_caller, true, own_version},
};

}  // namespace

const action_row* find_action(std::string_view name) {
    for (const action_row& row : rows) {
        if (row.name == name) return &row;
    }
    return nullptr;
}

namespace {

class own_api final : public api {
public:
    std::string_view service() const override { return "sts"; }
    std::string_view xml_namespace() const override {
        return "https://sts.amazonaws.com/doc/2011-06-15/";
    }
    std::string_view version() const override { return sts_version; }
    const action_row* find(std::string_view name, std::string_view version) const override {
        const action_row* row = find_action(name);
        return row != nullptr && (version.empty() || row->version == version) ? row : nullptr;
    }
    action_result perform(const action_row& row, const call& made,
                          const parameters& given) const override {
        if (row.perform != nullptr) return row.perform(made, given);
        return conclude(made, begin_record(made, row.name), not_offered(row.name));
    }
};

}  // namespace

const api& sts_api() {
    static const own_api out;
    return out;
}

base::error not_offered(std::string_view action) {
    return wire_error("InvalidAction",
                      "The action " + std::string(action) + " is not available at this endpoint.");
}

}  // namespace sts
