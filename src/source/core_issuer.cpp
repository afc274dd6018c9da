#include "source/core_issuer.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

namespace source {
namespace {

/// Faults on the issuer's side, whatever kind they come with: these pass.
constexpr std::array<std::string_view, 5> passing_codes{
    "ServiceUnavailable", "Throttling", "ThrottlingException", "InternalFailure", "RequestExpired"};

class core_issuer final : public credential_source {
public:
    explicit core_issuer(std::shared_ptr<sts::issuer> issuer) : issuer_(std::move(issuer)) {}

    base::result<aws::credentials> fetch(const credential_request& request) override {
        if (!issuer_) return base::internal("the configuration has no issuer");
        auto issued =
            request.subject == credential_subject::instance ? instance(request) : role(request);
        if (issued.has_error()) return as_source_error(issued.error());
        return issued;
    }

    bool issues_instance_credentials() const override { return issuer_ != nullptr; }

private:
    base::result<aws::credentials> instance(const credential_request& request) {
        return issuer_->instance_credentials_as_service(instance_service_principal, request.account,
                                                        request.session_name, request.duration);
    }

    base::result<aws::credentials> role(const credential_request& request) {
        sts::assume_role_parameters wanted;
        wanted.role_arn = request.role_arn;
        wanted.role_session_name = request.session_name;
        wanted.duration = request.duration;
        wanted.policy = request.session_policy;
        wanted.tags = request.tags;
        wanted.transitive_tag_keys = request.transitive_tag_keys;
        wanted.external_id = request.external_id;
        wanted.source_identity = request.source_identity;
        return issuer_->assume_role_as_service(instance_service_principal, wanted);
    }

    std::shared_ptr<sts::issuer> issuer_;
};

}  // namespace

base::error as_source_error(base::error from_issuer) {
    base::error out = std::move(from_issuer);
    if (std::find(passing_codes.begin(), passing_codes.end(), out.code) != passing_codes.end()) {
        out.kind = base::error_kind::unavailable;
        return out;
    }
    switch (out.kind) {
        case base::error_kind::invalid:
        case base::error_kind::not_found:
        case base::error_kind::denied:
        case base::error_kind::expired:
        case base::error_kind::exhausted:
            out.kind = base::error_kind::denied;
            break;
        case base::error_kind::unavailable:
        case base::error_kind::internal:
            out.kind = base::error_kind::unavailable;
            break;
    }
    return out;
}

std::shared_ptr<credential_source> make_core_issuer_source(std::shared_ptr<sts::issuer> issuer) {
    return std::make_shared<core_issuer>(std::move(issuer));
}

}  // namespace source
