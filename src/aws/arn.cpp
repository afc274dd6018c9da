#include "aws/arn.hpp"

#include <algorithm>
#include <array>

namespace aws {
namespace {

constexpr std::size_t max_role_name = 64;
constexpr std::size_t min_session_name = 2;
constexpr std::size_t max_session_name = 64;
constexpr std::size_t max_role_path = 512;
constexpr std::size_t max_region = 63;

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}
bool is_lower(char c) {
    return c >= 'a' && c <= 'z';
}

// [\w+=,.@-], ASCII only, as IAM's patterns mean it.
bool is_name_character(char c) {
    return is_digit(c) || is_lower(c) || (c >= 'A' && c <= 'Z') ||
           std::string_view("_+=,.@-").find(c) != std::string_view::npos;
}

bool all(std::string_view text, bool (*test)(char)) {
    return std::all_of(text.begin(), text.end(), test);
}

// Lower-case words and numbers joined by single hyphens.
bool is_hyphenated(std::string_view text) {
    if (text.empty() || !is_lower(text.front()) || text.back() == '-') return false;
    if (text.find("--") != std::string_view::npos) return false;
    return all(text, [](char c) { return is_lower(c) || is_digit(c) || c == '-'; });
}

struct partition_facts {
    std::string_view name;
    std::string_view dns_suffix;
    std::string_view region_prefix;
};

constexpr std::array<partition_facts, 7> other_partitions = {{
    {"aws-cn", "amazonaws.com.cn", "cn-"},
    {"aws-us-gov", "amazonaws.com", "us-gov-"},
    {"aws-iso", "c2s.ic.gov", "us-iso-"},
    {"aws-iso-b", "sc2s.sgov.gov", "us-isob-"},
    {"aws-iso-e", "cloud.adc-e.uk", "eu-isoe-"},
    {"aws-iso-f", "csp.hci.ic.gov", "us-isof-"},
    {"aws-eusc", "amazonaws.eu", "eusc-"},
}};

}  // namespace

base::result<arn> arn::parse(std::string_view text) {
    std::array<std::string_view, 5> parts;
    std::string_view rest = text;
    for (std::string_view& part : parts) {
        const std::size_t colon = rest.find(':');
        if (colon == std::string_view::npos) {
            return base::invalid("an ARN has six fields separated by colons");
        }
        part = rest.substr(0, colon);
        rest.remove_prefix(colon + 1);
    }
    if (parts[0] != "arn") return base::invalid("an ARN starts with 'arn:'");
    if (parts[1].empty() || parts[2].empty() || rest.empty()) {
        return base::invalid("partition, service and resource of an ARN must not be empty");
    }
    return arn{std::string(parts[1]), std::string(parts[2]), std::string(parts[3]),
               std::string(parts[4]), std::string(rest)};
}

std::string arn::text() const {
    return "arn:" + partition + ':' + service + ':' + region + ':' + account + ':' + resource;
}

bool is_account_id(std::string_view text) {
    return text.size() == 12 && all(text, is_digit);
}

bool is_role_name(std::string_view text) {
    return !text.empty() && text.size() <= max_role_name && all(text, is_name_character);
}

bool is_role_path(std::string_view text) {
    if (text == "/") return true;
    // IAM's pattern would also allow empty segments; two spellings of one path help nobody.
    return text.size() >= 3 && text.size() <= max_role_path && text.front() == '/' &&
           text.back() == '/' && text.find("//") == std::string_view::npos &&
           all(text, [](char c) { return c > 0x20 && c < 0x7F; });
}

bool is_role_session_name(std::string_view text) {
    return text.size() >= min_session_name && text.size() <= max_session_name &&
           all(text, is_name_character);
}

bool is_region(std::string_view text) {
    return text.size() <= max_region && is_hyphenated(text);
}

bool has_form_of_aws_region(std::string_view text) {
    if (!is_region(text)) return false;
    const std::size_t first = text.find('-');
    const std::size_t last = text.rfind('-');
    if (first == std::string_view::npos || first == last) return false;
    const std::string_view area = text.substr(0, first);
    return area.size() >= 2 && area.size() <= 4 && all(area, is_lower) &&
           all(text.substr(first, last - first), [](char c) { return is_lower(c) || c == '-'; }) &&
           all(text.substr(last + 1), is_digit);
}

std::string role_arn(std::string_view partition, std::string_view account, std::string_view path,
                     std::string_view name) {
    std::string out = "arn:";
    out.append(partition).append(":iam::").append(account).append(":role");
    return out.append(path.empty() ? "/" : path).append(name);
}

std::string assumed_role_arn(std::string_view partition, std::string_view account,
                             std::string_view role_name, std::string_view session_name) {
    std::string out = "arn:";
    out.append(partition).append(":sts::").append(account).append(":assumed-role/");
    return out.append(role_name).append("/").append(session_name);
}

base::result<policy_reference> parse_policy_name(std::string_view text) {
    constexpr std::size_t longest_policy_name = 128;  // IAM; its characters are those of roles
    const auto slash = text.rfind('/');
    const bool plain = slash == std::string_view::npos;
    policy_reference out{plain ? "/" : std::string(text.substr(0, slash + 1)),
                         std::string(plain ? text : text.substr(slash + 1))};
    const bool fits = !out.name.empty() && out.name.size() <= longest_policy_name &&
                      std::all_of(out.name.begin(), out.name.end(),
                                  [](char c) { return is_role_name(std::string_view(&c, 1)); });
    if (!fits || !is_role_path(out.path))
        return base::invalid("a managed policy is named like readers or /team/readers");
    return out;
}

std::string policy_arn(std::string_view partition, std::string_view account, std::string_view path,
                       std::string_view name) {
    return "arn:" + std::string(partition) + ":iam::" + std::string(account) + ":policy" +
           std::string(path) + std::string(name);
}

std::string root_arn(std::string_view partition, std::string_view account) {
    return "arn:" + std::string(partition) + ":iam::" + std::string(account) + ":root";
}

std::string federated_user_arn(std::string_view partition, std::string_view account,
                               std::string_view name) {
    return "arn:" + std::string(partition) + ":sts::" + std::string(account) + ":federated-user/" +
           std::string(name);
}

base::result<role_reference> parse_role_arn(std::string_view text) {
    auto parsed = arn::parse(text);
    if (!parsed) return parsed.error();
    const std::string_view prefix = "role/";
    const std::string_view resource = parsed->resource;
    if (parsed->service != "iam" || !parsed->region.empty() || !resource.starts_with(prefix)) {
        return base::invalid("not the ARN of a role: arn:PARTITION:iam::ACCOUNT:role/NAME");
    }
    if (!is_hyphenated(parsed->partition)) return base::invalid("bad partition in role ARN");
    if (!is_account_id(parsed->account)) {
        return base::invalid("the account in a role ARN is 12 digits");
    }
    const std::size_t last_slash = resource.rfind('/');
    const std::string_view path =
        resource.substr(prefix.size() - 1, last_slash + 2 - prefix.size());
    const std::string_view name = resource.substr(last_slash + 1);
    if (!is_role_path(path)) return base::invalid("bad path in role ARN");
    if (!is_role_name(name)) return base::invalid("bad role name in role ARN");
    return role_reference{std::move(parsed->partition), std::move(parsed->account),
                          std::string(path), std::string(name)};
}

std::string_view dns_suffix(std::string_view partition) {
    for (const partition_facts& facts : other_partitions) {
        if (facts.name == partition) return facts.dns_suffix;
    }
    return "amazonaws.com";
}

std::string_view partition_of_region(std::string_view region) {
    for (const partition_facts& facts : other_partitions) {
        if (region.starts_with(facts.region_prefix)) return facts.name;
    }
    return "aws";
}

}  // namespace aws
