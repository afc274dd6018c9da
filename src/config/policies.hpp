#pragma once

#include <optional>
#include <string>

#include "config/reader.hpp"

namespace config {

/// Policies, written as read_json_object allows, as JSON text. Those that do not parse as IAM
/// documents are reported. Their resources must be of `partition`.
std::optional<std::string> read_session_policy(const node& value, std::string_view key,
                                               std::string_view partition, context with);
std::optional<std::string> read_trust_policy(const node& value, std::string_view key, context with);
/// Of an account: who of other accounts may verify its callers.
std::optional<std::string> read_verification_policy(const node& value, std::string_view key,
                                                    std::string_view partition, context with);

std::optional<std::string> read_managed_policy(const node& value, std::string_view key,
                                               std::string_view partition, context with);

/// name -> identity policy
text_pairs read_policies(const node& value, std::string_view key, std::string_view partition,
                         context with);

}  // namespace config
