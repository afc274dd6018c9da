#include "sts/session/session_token.hpp"

#include <cstddef>
#include <cstdint>

#include "aws/identifiers.hpp"
#include "encoding/base64.hpp"
#include "sts/session/byte_codec.hpp"
#include "sts/session/sealed_text.hpp"
#include "sts/wire_error.hpp"

namespace sts {

namespace {

/// Clears a buffer that held a secret, on every way out.
struct wiped {
    std::string& bytes;
    ~wiped() { base::wipe(bytes.data(), bytes.size()); }
};

/// What follows the tags: a number, then a text. In order of their numbers, and only those that say
/// something, so that a session which needs none looks as it always did.
enum class field : std::uint8_t { user_name = 1, policy_arn = 2 };
constexpr std::size_t most_policy_arns = 10;

void put_field(std::string& out, field number, std::string_view text) {
    out.push_back(char(number));
    put_text(out, text);
}

/// A field that is not known may narrow the session: it is refused, not skipped.
bool read_field(byte_reader& in, session& out) {
    const auto number = field(in.number(1));
    std::string text = in.text();
    if (!in.ok() || text.empty()) return false;
    if (number == field::user_name && out.user_name.empty() && out.policy_arns.empty()) {
        out.user_name = std::move(text);
        return true;
    }
    if (number != field::policy_arn || out.policy_arns.size() == most_policy_arns) return false;
    out.policy_arns.push_back(std::move(text));
    return true;
}

bool is_known(session::type kind) {
    switch (kind) {
        case session::type::assumed_role:
        case session::type::instance_identity:
        case session::type::user:
        case session::type::root:
        case session::type::federated_user:
        case session::type::assumed_root:
            return true;
    }
    return false;
}

base::error invalid_token() {
    return wire_error("InvalidClientTokenId",
                      "The security token included in the request is invalid");
}

}  // namespace

std::string encode_session(const session& facts) {
    constexpr std::size_t of_number = 8;  // the longest, and a text's length
    std::size_t room = 4 * of_number;
    for (const std::string* text : {&facts.account, &facts.principal_id, &facts.role_path,
                                    &facts.role_name, &facts.session_name, &facts.session_id,
                                    &facts.source_identity, &facts.policy, &facts.user_name}) {
        room += of_number + text->size();
    }
    for (const session_tag& tag : facts.tags)
        room += 2 * of_number + tag.key.size() + tag.value.size();
    for (const std::string& arn : facts.policy_arns)
        room += of_number + arn.size();
    std::string out;
    // Growing would leave a copy of the key behind.
    out.reserve(room + of_number + facts.secret_access_key.size());
    out.push_back(char(facts.kind));
    put_time(out, facts.issued);
    put_time(out, facts.expires);
    put_text(out, facts.secret_access_key.reveal());
    put_text(out, facts.account);
    put_text(out, facts.principal_id);
    put_text(out, facts.role_path);
    put_text(out, facts.role_name);
    put_text(out, facts.session_name);
    put_text(out, facts.session_id);
    put_text(out, facts.source_identity);
    put_text(out, facts.policy);
    out.push_back(char(facts.tags.size()));
    for (const session_tag& tag : facts.tags) {
        out.push_back(char(tag.transitive));
        put_text(out, tag.key);
        put_text(out, tag.value);
    }
    if (!facts.user_name.empty()) put_field(out, field::user_name, facts.user_name);
    for (const std::string& arn : facts.policy_arns)
        put_field(out, field::policy_arn, arn);
    return out;
}

base::result<session> decode_session(std::string_view bytes) {
    byte_reader in(bytes);
    session out;
    out.kind = session::type(in.number(1));
    out.issued = in.time();
    out.expires = in.time();
    out.secret_access_key = base::secret(in.take(in.number(2)));
    out.account = in.text();
    out.principal_id = in.text();
    out.role_path = in.text();
    out.role_name = in.text();
    out.session_name = in.text();
    out.session_id = in.text();
    out.source_identity = in.text();
    out.policy = in.text();
    const auto tags = in.number(1);
    for (std::uint64_t i = 0; i < tags && in.ok(); ++i) {
        const auto transitive = in.number(1);
        if (transitive > 1) return base::invalid("not the inside of a session token");
        std::string key = in.text();
        std::string value = in.text();
        out.tags.push_back({std::move(key), std::move(value), transitive == 1});
    }
    while (in.ok() && !in.at_end()) {
        if (!read_field(in, out)) return base::invalid("not the inside of a session token");
    }
    if (!in.complete() || !is_known(out.kind))
        return base::invalid("not the inside of a session token");
    return out;
}

base::secret seal_session(const session& facts, std::string_view access_key_id,
                          std::string_view partition, const key_ring& ring, base::random& random) {
    std::string inside = encode_session(facts);
    const wiped guard{inside};
    std::string text = encoding::base64(seal_bytes(
        key_ring::purpose::session_token,
        {partition, ring.issuer_id(), facts.account, access_key_id}, inside, ring, random));
    const wiped text_guard{text};
    return base::secret(text);
}

base::result<session> open_session(std::string_view token, std::string_view access_key_id,
                                   std::string_view partition, const key_ring& ring,
                                   base::wall_time now) {
    if (token.size() > max_session_token_characters) return invalid_token();
    const auto envelope = encoding::decode_base64(token);
    const auto account = aws::account_of_access_key(access_key_id);
    if (!envelope || !account) return invalid_token();
    auto inside =
        open_bytes(key_ring::purpose::session_token,
                   {partition, ring.issuer_id(), *account, access_key_id}, *envelope, ring);
    if (!inside) return invalid_token();
    const wiped guard{*inside};
    auto facts = decode_session(*inside);
    if (!facts || facts->account != *account) return invalid_token();
    if (now >= facts->expires)
        return wire_error("ExpiredToken", "The security token included in the request is expired");
    return facts;
}

}  // namespace sts
