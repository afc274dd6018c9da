#include "sts/instance_role.hpp"

#include "aws/identifiers.hpp"
#include "crypto/hash.hpp"

namespace sts {

std::string instance_role_arn(std::string_view partition, std::string_view account) {
    return "arn:" + std::string(partition) + ":iam::" + std::string(account) + ":role/" +
           std::string(instance_role_name);
}

std::string instance_role_id(std::string_view partition, std::string_view account) {
    const auto hash = crypto::sha256(instance_role_arn(partition, account));
    return aws::unique_id_from("AROA", account, crypto::as_text(hash));
}

}  // namespace sts
