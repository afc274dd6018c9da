#include "verifier.hpp"

#include "sts/session/session_token.hpp"

namespace stand_in {
namespace {

constexpr std::string_view partition = "aws";

}  // namespace

std::string service_of(const http::request& request) {
    const http::field* given = request.find("authorization");
    const std::string_view scope = given != nullptr ? given->value : request.target;
    return scope.find("/ec2/aws4_request") != std::string_view::npos ? "ec2" : "s3";
}

verdict verifier::verify(const http::request& request) const {
    verdict out;
    const auto fail = [&out](const base::error& why) {
        out.fault = why.message;
        out.code = why.code.empty() ? "AccessDenied" : why.code;
    };

    sigv4::rules rules;
    rules.service = service_of(request);
    if (rules.service == "s3") rules.how_canonical = sigv4::dialect::s3;
    const base::wall_time now = clock_.now();
    auto claim = sigv4::read_claim(request, now, rules);
    if (!claim) {
        fail(claim.error());
        if (rules.service == "s3" && out.fault.find("a valid region") != std::string::npos) {
            out.code = region_is_wrong;
        }
        return out;
    }
    out.access_key_id = claim->access_key_id;
    if (!claim->session_token || !claim->session_token_signed) {
        fail(base::denied("there is no session token, or it is not signed"));
        return out;
    }
    auto session =
        sts::open_session(*claim->session_token, claim->access_key_id, partition, ring_, now);
    if (!session) {
        fail(session.error());
        return out;
    }
    const auto same = sigv4::matches(request, *claim, session->secret_access_key.reveal());
    if (!same || !*same) {
        fail(same ? sigv4::signature_mismatch() : same.error());
        return out;
    }
    out.role_arn = "arn:" + std::string(partition) + ":iam::" + session->account + ":role" +
                   session->role_path + session->role_name;
    out.session_name = session->session_name;
    out.secret_access_key = std::move(session->secret_access_key);
    out.claim = std::move(*claim);
    return out;
}

}  // namespace stand_in
