#pragma once

#include <string>
#include <string_view>

#include "aws/credentials.hpp"
#include "base/clock.hpp"
#include "http/response.hpp"

namespace pod_identity {

/// Credentials with less life left are not handed out, as by the agent.
inline constexpr base::seconds least_life{15};

/// Why there are no credentials, in the agent's words.
struct failure {
    unsigned status = 500;
    /// Name of the EKS Auth exception; empty for what the agent checks itself.
    std::string code;
    std::string message;

    /// The line that is sent, without its end. With a code: as the agent passes on what EKS Auth
    /// answers, "[<request id>]: (<Code>): <message>, fault: client".
    std::string text(std::string_view request_id) const;
};

/// Status codes of AssumeRoleForPodIdentity's exceptions, from the API model.
failure invalid_token(std::string message);        ///< 400 InvalidTokenException
failure access_denied(std::string message);        ///< 400 AccessDeniedException
failure no_association(std::string message);       ///< 404 ResourceNotFoundException
failure service_unavailable(std::string message);  ///< 503 ServiceUnavailableException

/// Go's http.Error: text and newline, text/plain, nosniff.
void answer_error(unsigned status, std::string text, http::response& answer);
/// Go's http.Redirect with 301; the body is for GET only.
void answer_moved(std::string_view location, std::string_view method, http::response& answer);
/// 200 without a body, as the agent's probes answer.
void answer_healthy(http::response& answer);

/// The 200 document. Holds the secret key.
std::string credential_document(const aws::credentials& credentials, std::string_view account);
void answer_credentials(std::string document, http::response& answer);

}  // namespace pod_identity
