#include "sts/actions/actions.hpp"
#include "sts/audit.hpp"
#include "sts/wire_error.hpp"

namespace sts {

action_result get_web_identity_token(const call& made, const parameters&) {
    return conclude(made, begin_record(made, "GetWebIdentityToken"),
                    wire_error("OutboundWebIdentityFederationDisabledException",
                               "Outbound web identity federation is not enabled for account " +
                                   made.by.principal.account + "."));
}

}  // namespace sts
