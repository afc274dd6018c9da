#include "imds/documents.hpp"

#include "aws/identifiers.hpp"
#include "base/time_text.hpp"
#include "crypto/hash.hpp"
#include "imds/pretty_json.hpp"

namespace imds {

std::string credential_document(const aws::credentials& credentials, base::wall_time last_updated,
                                base::wall_time expiration, std::string_view account, bool alias) {
    constexpr std::size_t names_and_times = 512;
    pretty_json document(names_and_times + 2 * credentials.access_key_id.size() + account.size() +
                         credentials.secret_access_key.size() + credentials.session_token.size());
    document.text("Code", "Success")
        .text("LastUpdated", base::iso8601(last_updated))
        .text("Type", "AWS-HMAC")
        .text("AccessKeyId", credentials.access_key_id)
        .secret("SecretAccessKey", credentials.secret_access_key.reveal())
        .secret("Token", credentials.session_token.reveal())
        .text("Expiration", base::iso8601(expiration));
    if (!account.empty()) document.text("AccountId", account);
    if (alias) document.text("AccessKeyID", credentials.access_key_id);
    return document.take();
}

std::string unauthorized_document(std::string_view message, base::wall_time last_updated) {
    return pretty_json()
        .text("Code", "AssumeRoleUnauthorizedAccess")
        .text("Message", message)
        .text("LastUpdated", base::iso8601(last_updated))
        .take();
}

std::string iam_info_document(const profile::role_profile& profile, base::wall_time last_updated) {
    const auto& role = profile.granted_role;
    const auto& attached = profile.instance_profile;
    const std::string& account = role ? role->account : profile.instance.account;
    const std::string& name =
        profile.instance_profile_name.empty() && role ? role->name : profile.instance_profile_name;
    const std::string arn = attached ? attached->arn
                                     : "arn:" + profile.instance.partition + ":iam::" + account +
                                           ":instance-profile/" + name;
    // Stable, and different for different instance profiles, as unique ids are.
    const auto hash = crypto::sha256(arn);
    const std::string id = attached ? attached->unique_id
                                    : aws::unique_id_from("AIPA", account, crypto::as_text(hash));
    pretty_json document;
    document.text("Code", "Success");
    if (!role) document.text("Message", "Instance Profile does not contain a role.");
    return document.text("LastUpdated", base::iso8601(last_updated))
        .text("InstanceProfileArn", arn)
        .text("InstanceProfileId", id)
        .take();
}

std::string instance_info_document(const profile::role_profile& profile,
                                   base::wall_time last_updated) {
    return pretty_json()
        .text("Code", "Success")
        .text("LastUpdated", base::iso8601(last_updated))
        .text("AccountId", profile.instance.account)
        .take();
}

std::string identity_document(const profile::role_profile& profile) {
    const profile::instance_identity& instance = profile.instance;
    return pretty_json()
        .text("accountId", instance.account)
        .text("architecture", instance.architecture)
        .text("availabilityZone", instance.availability_zone)
        .list_or_null("billingProducts", instance.billing_products)
        .list_or_null("devpayProductCodes", instance.devpay_product_codes)
        .list_or_null("marketplaceProductCodes", instance.marketplace_product_codes)
        .text("imageId", instance.image_id)
        .text("instanceId", instance.instance_id)
        .text("instanceType", instance.instance_type)
        .text_or_null("kernelId", instance.kernel_id)
        .text("pendingTime", base::iso8601(instance.pending_time))
        .text_or_null("privateIp", instance.local_ipv4())
        .text_or_null("ramdiskId", instance.ramdisk_id)
        .text("region", instance.region)
        .text("version", "2017-09-30")
        .take();
}

}  // namespace imds
