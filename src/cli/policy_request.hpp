#pragma once

#include <string>
#include <utility>
#include <vector>

#include "policy/document.hpp"

namespace cli {

/// `imdsd policy …` as it was typed.
struct policy_request {
    enum class kind { check, simulate, explain, who_can_assume, what_can_assume, findings };
    kind what = kind::check;

    std::vector<std::string> files;  ///< check
    policy::document_kind document = policy::document_kind::identity;

    std::string subject;  ///< who_can_assume: a role; what_can_assume: a principal

    // simulate, explain
    std::string principal;              ///< of the configuration, by ARN
    std::string caller;                 ///< ARN or service, where no principal is named
    std::vector<std::string> identity;  ///< files
    std::string boundary;               ///< file
    std::vector<std::string> session;   ///< files
    std::string resource_policy;        ///< file
    std::vector<std::string> actions;
    std::vector<std::string> resources;
    std::string resource_account;
    std::vector<std::pair<std::string, std::string>> facts;    ///< single-valued context keys
    std::vector<std::pair<std::string, std::string>> members;  ///< values of multivalued ones
};

}  // namespace cli
