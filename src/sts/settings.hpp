#pragma once

#include <string_view>
#include <utility>
#include <vector>

#include "base/error.hpp"
#include "http/request.hpp"
#include "sigv4/sigv4.hpp"
#include "sts/definitions.hpp"

namespace sts {

/// The options of an issuer, and what follows from them for its endpoints. Immutable.
class settings {
public:
    explicit settings(issuer_options chosen);

    const issuer_options& options() const { return options_; }

    struct endpoint {
        sigv4::rules rules;
        bool global = false;
    };
    /// By the Host field, which every signature covers. A name that nothing is said about is an
    /// endpoint for all the regions of `issuer.regions`.
    const endpoint& endpoint_of(const http::request& request) const;

    /// For APIs that AWS serves for all regions from one place (IAM): signatures may name the
    /// partition's home region as well as any of `issuer.regions`.
    const sigv4::rules& global_rules() const { return global_; }

    /// RegionDisabledException when the account has switched STS off there.
    base::result<void> check_region(std::string_view account, std::string_view region) const;

private:
    issuer_options options_;
    endpoint any_;
    sigv4::rules global_;
    std::vector<std::pair<std::string, endpoint>> named_;
};

}  // namespace sts
