#include "sts/session/start_session.hpp"

#include <span>

#include "aws/identifiers.hpp"
#include "encoding/base64.hpp"

namespace sts {

aws::credentials start_session(const call& made, session facts, base::seconds duration,
                               audit_record::record& record) {
    constexpr std::size_t session_id_size = 16;
    facts.issued = made.now;
    facts.expires = std::chrono::floor<base::seconds>(made.now) + duration;
    facts.secret_access_key = aws::make_secret_access_key(made.random);
    facts.session_id.resize(session_id_size);
    made.random.fill(std::as_writable_bytes(std::span(facts.session_id)));

    aws::credentials out;
    out.access_key_id = aws::make_access_key_id("ASIA", facts.account, made.random);
    out.secret_access_key = facts.secret_access_key.clone();
    out.expiration = facts.expires;
    out.session_token =
        seal_session(facts, out.access_key_id, made.options.partition, made.keys, made.random);
    record.additional["sessionId"] = encoding::hex(facts.session_id);
    record.additional["sealingKeyId"] = made.keys.sealing_key(key_ring::purpose::session_token).id;
    return out;
}

}  // namespace sts
