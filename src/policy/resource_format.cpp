#include "policy/resource_format.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include "policy/pattern.hpp"
#include "policy/values.hpp"

namespace policy {

namespace {

constexpr std::string_view wildcards = "*?";

bool is_partition(std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' ||
               wildcards.find(c) != std::string_view::npos;
    });
}

bool is_of(std::string_view partition, std::string_view word) {
    if (!is_partition(word)) return false;
    const bool wild = word.find_first_of(wildcards) != std::string_view::npos;
    if (partition == any_partition) return true;
    if (partition == partitions_of_aws) return wild || word == "aws" || word.starts_with("aws-");
    return wild ? glob(compile_wildcards(word), partition) : word == partition;
}

/// `rest` is what follows the partition. AWS fills the fields that are missing with "*".
base::error bad_partition(std::string_view partition, std::string_view rest) {
    std::string whole = "arn:";
    whole += partition;
    for (int field = 0; field < 4; ++field) {
        const auto colon = field == 3 ? std::string_view::npos : rest.find(':');
        const std::string_view one = rest.substr(0, colon);
        const bool missing = one.empty() && colon == std::string_view::npos;
        whole += ':';
        whole += missing ? "*" : one;
        rest = colon == std::string_view::npos ? std::string_view() : rest.substr(colon + 1);
    }
    return base::invalid("Partition \"" + std::string(partition) +
                         "\" is not valid for resource \"" + whole + "\".");
}

/// IAM's list as its error text has it, and what it documents beside that: `root` (AssumeRoot),
/// sessions and security keys.
bool is_iam_path(std::string_view path) {
    constexpr std::string_view starts[] = {
        "user/",         "federated-user/",   "role/",   "group/",
        "mfa/",          "instance-profile/", "policy/", "server-certificate/",
        "sms-mfa/",      "saml-provider/",    "report/", "oidc-provider/",
        "assumed-role/", "access-report/",    "u2f/"};
    if (path == "root") return true;
    // A wildcard or variable before the first slash may stand for any of them.
    if (path.substr(0, path.find('/')).find_first_of("*?$") != std::string_view::npos) return true;
    return std::any_of(std::begin(starts), std::end(starts),
                       [&](std::string_view s) { return path.starts_with(s); });
}

}  // namespace

base::result<void> check_resource_format(std::string_view text, std::string_view partition) {
    if (text == "*") return {};
    const std::string whole(text);
    const auto not_an_arn = [&]() -> base::result<void> {
        return base::invalid("Resource " + whole + " must be in ARN format or \"*\".");
    };
    const auto first = text.find(':');
    if (first == std::string_view::npos) return not_an_arn();
    const bool arn = text.substr(0, first) == "arn";
    std::string_view rest = text.substr(first + 1);
    const auto second = rest.find(':');
    const std::string_view word = rest.substr(0, second);
    rest = second == std::string_view::npos ? std::string_view() : rest.substr(second + 1);
    // Without "arn" the second word is hardly meant as a partition, unless it is AWS's.
    if (arn ? !is_of(partition, word) : !is_of(partitions_of_aws, word))
        return bad_partition(word, rest);
    if (!arn) return not_an_arn();
    if (second == std::string_view::npos)
        return base::invalid("Resource vendor must be fully qualified and cannot contain regexes.");
    const auto fields = split_arn(text);
    if (!fields || (*fields)[2].empty()) return base::invalid(legacy_parsing);
    const std::string_view vendor = (*fields)[2], region = (*fields)[3], account = (*fields)[4];
    const bool in_region =
        !region.empty() && region.find_first_of(wildcards) == std::string_view::npos;
    if (vendor == "iam" && in_region)
        return base::invalid("IAM resource " + whole + " cannot contain region information.");
    // Access points and the like have an account and a region; buckets have neither.
    if (vendor == "s3" && in_region && account.empty())
        return base::invalid("Resource " + whole + " can not contain region information.");
    if (vendor == "iam" && !is_iam_path((*fields)[5]))
        return base::invalid(
            "IAM resource path must either be \"*\" or start with user/, federated-user/, role/, "
            "group/, instance-profile/, mfa/, server-certificate/, policy/, sms-mfa/, "
            "saml-provider/, oidc-provider/, report/, access-report/.");
    return {};
}

}  // namespace policy
