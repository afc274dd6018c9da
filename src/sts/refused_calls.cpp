#include "sts/refused_calls.hpp"

#include "crypto/hash.hpp"
#include "encoding/base64.hpp"
#include "sts/audit.hpp"

namespace sts {

void refused_calls::note(const facts& call, const request_origin& origin, const base::error& why,
                         const base::clock& clock, base::random& random, audit_trail& audit) {
    constexpr std::size_t shown_hash = 16;
    const std::string source = origin.source ? origin.source->text() : "";
    audit_record::denial_limiter::verdict verdict;
    {
        const std::lock_guard lock(guard_);
        verdict = limiter_.observe(source, why.code, clock.boot_now());
    }
    if (!verdict.write) return;
    audit_record::record record;
    record.time = clock.now();
    record.event_source = "sts.amazonaws.com";
    record.event_name = call.action;
    record.region = call.region;
    record.source_address = source;
    record.user_agent = call.user_agent;
    record.tls_details = shown_tls(origin, call.host);
    record.user_identity["type"] = "Unknown";
    if (!call.access_key_id.empty()) {
        record.additional["accessKeyIdHash"] =
            encoding::hex(crypto::as_text(crypto::sha256(call.access_key_id)))
                .substr(0, shown_hash);
    }
    if (verdict.suppressed != 0) record.additional["suppressedRepeats"] = verdict.suppressed;
    record.error_code = why.code;
    record.error_message = why.message;
    record.request_id = call.request_id;
    record.event_id = audit_record::new_event_id(random);
    audit.note(std::move(record));
}

}  // namespace sts
