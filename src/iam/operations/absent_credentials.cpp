#include "iam/limits.hpp"
#include "iam/operations/parameters.hpp"
#include "iam/operations/user_target.hpp"
#include "sts/audit.hpp"
#include "sts/wire_error.hpp"

namespace iam {

namespace {

using sts::result_node;

// Access keys are the only credentials that users have here. Tools that delete a user with all it
// has ask for the others first: there are none, which is told to those who may know.

base::result<user_target> target_of(operation_call& call, std::string_view action,
                                    const std::optional<std::string>& name) {
    const auto target = find_user_or_caller(call, name);
    if (!target) return target;
    const auto may = enter(call, action, *target, facts_of(target->asked()));
    if (!may) return may.error();
    return target;
}

std::optional<std::string> read_user(operation_call& call) {
    auto name = call.given.text("UserName");
    sts::put(call.record.request_parameters, "userName", name);
    return name;
}

operation_result no_page(operation_call& call, std::string_view action, std::string_view list) {
    const auto name = read_user(call);
    const auto wanted = read_page(call);
    if (!wanted) return wanted.error();
    sts::constraints c;
    check_name(c, name, "userName", long_name_characters);
    if (const auto done = c.check(); !done) return done.error();
    if (const auto target = target_of(call, action, name); !target) return target.error();
    operation_outcome out;
    out.answer.push_back(result_node::list(list, {}));
    add_paging(out.answer, false, {});
    return out;
}

operation_result list_ssh_public_keys(operation_call& call) {
    return no_page(call, "iam:ListSSHPublicKeys", "SSHPublicKeys");
}
operation_result list_mfa_devices(operation_call& call) {
    return no_page(call, "iam:ListMFADevices", "MFADevices");
}
operation_result list_signing_certificates(operation_call& call) {
    return no_page(call, "iam:ListSigningCertificates", "Certificates");
}

operation_result list_service_specific_credentials(operation_call& call) {
    const auto name = read_user(call);
    sts::put(call.record.request_parameters, "serviceName", call.given.text("ServiceName"));
    sts::constraints c;
    check_name(c, name, "userName", long_name_characters);
    if (const auto done = c.check(); !done) return done.error();
    const auto target = target_of(call, "iam:ListServiceSpecificCredentials", name);
    if (!target) return target.error();
    operation_outcome out;
    out.answer.push_back(result_node::list("ServiceSpecificCredentials", {}));
    return out;
}

operation_result list_virtual_mfa_devices(operation_call& call) {
    constexpr std::string_view statuses[] = {"Assigned", "Unassigned", "Any"};
    const auto status = call.given.text("AssignmentStatus");
    const auto wanted = read_page(call);
    if (!wanted) return wanted.error();
    sts::put(call.record.request_parameters, "assignmentStatus", status);
    sts::constraints c;
    c.choice(status, "assignmentStatus", statuses);
    if (const auto done = c.check(); !done) return done.error();
    const auto may = authorize(call, "iam:ListVirtualMFADevices", arn_below(call, "mfa/"));
    if (!may) return may.error();
    operation_outcome out;
    out.answer.push_back(result_node::list("VirtualMFADevices", {}));
    add_paging(out.answer, false, {});
    return out;
}

/// Without a name: the caller's, who may be the root of an account.
operation_result no_login_profile(operation_call& call, std::string_view action) {
    const auto name = read_user(call);
    sts::constraints c;
    check_name(c, name, "userName", name_characters);
    if (const auto done = c.check(); !done) return done.error();
    const auto target = target_of(call, action, name);
    if (!target) return target.error();
    return sts::wire_error("NoSuchEntity", target->root
                                               ? "Login Profile for the root user cannot be found."
                                               : "Login Profile for User " + target->found->name +
                                                     " cannot be found.");
}

operation_result get_login_profile(operation_call& call) {
    return no_login_profile(call, "iam:GetLoginProfile");
}
operation_result delete_login_profile(operation_call& call) {
    return no_login_profile(call, "iam:DeleteLoginProfile");
}

constexpr operation_row rows[] = {
    reads("ListSSHPublicKeys", list_ssh_public_keys),
    reads("ListMFADevices", list_mfa_devices),
    reads("ListVirtualMFADevices", list_virtual_mfa_devices),
    reads("ListSigningCertificates", list_signing_certificates),
    reads("ListServiceSpecificCredentials", list_service_specific_credentials),
    reads("GetLoginProfile", get_login_profile),
    writes("DeleteLoginProfile", delete_login_profile),
};

}  // namespace

std::span<const operation_row> absent_credential_operations() {
    return rows;
}

}  // namespace iam
