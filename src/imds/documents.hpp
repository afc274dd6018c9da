#pragma once

#include <string>
#include <string_view>

#include "aws/credentials.hpp"
#include "profile/role_profile.hpp"

namespace imds {

/// iam/security-credentials/{role}. Holds the secret key. `expiration`: the credentials' own, but
/// where a fault pretends another. `account`: the document's extended form has it as AccountId.
/// `alias`: with `AccessKeyID` at the end, the name by which minio-js reads the key.
std::string credential_document(const aws::credentials& credentials, base::wall_time last_updated,
                                base::wall_time expiration, std::string_view account = {},
                                bool alias = false);

/// The same path when the issuer refuses the role: served with status 200, as EC2 does.
std::string unauthorized_document(std::string_view message, base::wall_time last_updated);

/// iam/info. A profile without a role says so in `Message`.
std::string iam_info_document(const profile::role_profile& profile, base::wall_time last_updated);

/// identity-credentials/ec2/info
std::string instance_info_document(const profile::role_profile& profile,
                                   base::wall_time last_updated);

/// dynamic/instance-identity/document
std::string identity_document(const profile::role_profile& profile);

}  // namespace imds
