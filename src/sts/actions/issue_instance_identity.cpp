#include <algorithm>

#include "aws/arn.hpp"
#include "sts/actions/actions.hpp"
#include "sts/audit.hpp"
#include "sts/instance_role.hpp"
#include "sts/session/start_session.hpp"
#include "sts/wire_error.hpp"

namespace sts {

namespace {

constexpr std::size_t account_digits = 12;
constexpr std::size_t longest_session_name = 64;
constexpr base::seconds shortest_session{900};
constexpr base::seconds longest_session{43'200};

bool is_account(std::string_view text) {
    return text.size() == account_digits &&
           std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

/// "i-" and letters or digits: it becomes a session name and a part of an ARN.
bool is_instance_id(std::string_view text) {
    const auto fits = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z'); };
    return text.size() > 2 && text.size() <= longest_session_name && text.starts_with("i-") &&
           std::all_of(text.begin() + 2, text.end(), fits);
}

}  // namespace

base::result<aws::credentials> issue_instance_identity(const call& made, std::string_view account,
                                                       std::string_view instance_id,
                                                       base::seconds duration) {
    if (!is_account(account) || !is_instance_id(instance_id) || duration < shortest_session ||
        duration > longest_session)
        return wire_error("ValidationError",
                          "An instance's own credentials need an account of 12 digits, an instance "
                          "id and a duration from 900 to 43200 seconds");
    const std::string& partition = made.options.partition;
    session facts;
    facts.kind = session::type::instance_identity;
    facts.account = account;
    facts.principal_id = instance_role_id(partition, account);
    facts.role_path = "/";
    facts.role_name = instance_role_name;
    facts.session_name = instance_id;

    audit_record::record record = begin_record(made, "AssumeRole");
    record.account = account;
    record.request_parameters["roleArn"] = instance_role_arn(partition, account);
    record.request_parameters["roleSessionName"] = instance_id;
    record.request_parameters["durationSeconds"] = duration.count();
    assume_role_output shown;
    shown.assumed_role_id = facts.principal_id + ":" + facts.session_name;
    shown.arn = aws::assumed_role_arn(partition, account, instance_role_name, instance_id);
    shown.credentials = start_session(made, std::move(facts), duration, record);
    record.response_elements = shown_result(shown);
    boost::json::object role;
    role["accountId"] = account;
    role["type"] = "AWS::IAM::Role";
    role["ARN"] = instance_role_arn(partition, account);
    record.resources.push_back(std::move(role));
    if (auto kept = promise(made, std::move(record)); !kept) return kept.error();
    return std::move(shown.credentials);
}

}  // namespace sts
