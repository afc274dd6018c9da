#include "container/credential_state.hpp"

#include "base/secret.hpp"
#include "base/time_text.hpp"
#include "container/json_object.hpp"

namespace container {

credential_state::~credential_state() {
    base::wipe(document.data(), document.size());
}

std::string credential_document(std::string_view role_arn, const aws::credentials& credentials,
                                bool alias) {
    constexpr std::size_t names_and_times = 512;
    json_object object(names_and_times + role_arn.size() + 2 * credentials.access_key_id.size() +
                       credentials.secret_access_key.size() + credentials.session_token.size());
    object.text("RoleArn", role_arn)
        .text("AccessKeyId", credentials.access_key_id)
        .secret("SecretAccessKey", credentials.secret_access_key.reveal())
        .secret("Token", credentials.session_token.reveal())
        .text("Expiration", base::iso8601(credentials.expiration));
    if (alias) object.text("Code", "Success").text("AccessKeyID", credentials.access_key_id);
    return object.take();
}

credential_state valid_state(std::string_view role_arn, const aws::credentials& credentials,
                             bool alias, std::uint64_t serial) {
    credential_state state;
    state.now = credential_state::status::valid;
    state.document = credential_document(role_arn, credentials, alias);
    state.access_key_id = credentials.access_key_id;
    state.expires = credentials.expiration;
    state.serial = serial;
    return state;
}

credential_state denied_state(std::string_view why) {
    credential_state state;
    state.now = credential_state::status::denied;
    for (const char c : why)
        state.denial += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
    return state;
}

}  // namespace container
