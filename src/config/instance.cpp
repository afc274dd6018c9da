#include <algorithm>

#include "aws/arn.hpp"
#include "base/time_text.hpp"
#include "config/instance_fields.hpp"
#include "config/instance_forms.hpp"
#include "config/interfaces.hpp"
#include "config/json_value.hpp"
#include "config/sections.hpp"
#include "config/user_data.hpp"
#include "profile/place.hpp"
#include "profile/tag_keys.hpp"

namespace config {

namespace {

// EC2: tag restrictions.
constexpr pair_limits tag_limits{50, 128, 256};
constexpr pair_limits public_key_limits{16, 255, 8192};
constexpr pair_limits device_limits{64, 16, longest_instance_value};
constexpr pair_limits accelerator_limits{16, 255, 255};
constexpr std::size_t most_elastic_gpus = 16;
constexpr std::size_t most_ancestors = 64;
constexpr std::size_t most_product_codes = 16;

class instance_reader {
public:
    instance_reader(const node& value, context with)
        : from_(value, sections::instance, with), fields_(from_.fields), with_(with) {}

    void read(profile::role_profile& profile) {
        auto& instance = profile.instance;
        read_launch(instance);
        read_image(instance);
        read_place(instance);
        from_.word("architecture", instance.architecture, "auto, x86_64, arm64 or i386",
                   [](auto v) { return v == "x86_64" || v == "arm64" || v == "i386"; });
        from_.word("hostname", instance.hostname, host_name_form, is_host_name);
        read_interfaces(from_, instance, with_);
        read_product_codes(instance);
        read_accelerators(instance);
        if (const node* data = fields_.find("user_data"))
            instance.user_data = read_user_data(*data, profile, with_);
        if (const node* tags = fields_.find("tags")) {
            instance.tags = read_pairs(*tags, "tags", tag_limits, with_.out);
            if (profile.metadata.instance_metadata_tags) check_tag_keys(*tags);
        }
        if (const node* keys = fields_.find("public_keys")) read_public_keys(*keys, instance);
    }

private:
    void read_launch(profile::instance_identity& instance) {
        from_.resource_id("id", "i", instance.instance_id);
        from_.resource_id("reservation_id", "r", instance.reservation_id);
        from_.word("type", instance.instance_type);
        from_.word("life_cycle", instance.life_cycle,
                   "on-demand, spot, scheduled or capacity-block", [](auto v) {
                       return v == "on-demand" || v == "spot" || v == "scheduled" ||
                              v == "capacity-block";
                   });
        from_.word("system", instance.system, "auto, nitro, xen-on-nitro or xen",
                   [](auto v) { return v == "nitro" || v == "xen-on-nitro" || v == "xen"; });
        from_.word("instance_action", instance.instance_action, "none, shutdown or bundle-pending",
                   [](auto v) { return v == "none" || v == "shutdown" || v == "bundle-pending"; });
        fields_.integer<unsigned>("ami_launch_index", 0, 65535, instance.ami_launch_index);
        fields_.boolean("hibernation", instance.hibernation_configured);
        using monitoring = std::optional<bool>;
        fields_.choice<monitoring>("monitoring",
                                   {{"none", std::nullopt}, {"disabled", false}, {"enabled", true}},
                                   instance.detailed_monitoring);
        if (const node* account = fields_.find("account");
            account && !instance_fields::is_auto(*account))
            if (const auto text = read_text(*account, "account", with_.out))
                instance.account =
                    read_account(*text, account->plain, account->at, with_.out).value_or("");
        if (const node* time = fields_.find("pending_time");
            time && !instance_fields::is_auto(*time)) {
            const auto parsed = base::parse_iso8601(time->is_scalar() ? time->text : "");
            if (parsed)
                instance.pending_time = *parsed;
            else
                with_.out.error(time->at,
                                "'pending_time' must be auto or a time such as "
                                "2026-01-02T03:04:05Z");
        }
    }

    void read_image(profile::instance_identity& instance) {
        from_.resource_id("image_id", "ami", instance.image_id);
        from_.word("ami_manifest_path", instance.ami_manifest_path);
        from_.words(
            "ancestor_ami_ids", instance.ancestor_ami_ids, "ami- and 8 or 17 hex digits",
            [](auto v) { return is_resource_id(v, "ami"); }, most_ancestors);
        from_.word("kernel_id", instance.kernel_id, "aki- and 8 or 17 hex digits",
                   [](auto v) { return is_resource_id(v, "aki"); });
        from_.word("ramdisk_id", instance.ramdisk_id, "ari- and 8 or 17 hex digits",
                   [](auto v) { return is_resource_id(v, "ari"); });
        from_.word("virtualization", instance.virtualization, "hvm or paravirtual",
                   [](auto v) { return v == "hvm" || v == "paravirtual"; });
        const node* devices = fields_.find("block_devices");
        if (!devices) return;
        instance.block_devices = read_pairs(*devices, "block_devices", device_limits, with_.out);
        for (const auto& entry : devices->entries) {
            if (!is_block_device_name(entry.key))
                with_.out.error(entry.at,
                                "block devices are ami, root, swap, ebsN and ephemeralN, not " +
                                    quoted(entry.key));
            if (entry.value.is_scalar() && (entry.value.text.empty() || !is_word(entry.value.text)))
                with_.out.error(entry.value.at, "a device is printable text without spaces");
        }
    }

    void read_place(profile::instance_identity& instance) {
        from_.word("region", instance.region, "a region name such as us-east-1",
                   [](auto v) { return aws::is_region(v); });
        from_.word("availability_zone", instance.availability_zone,
                   instance.region.empty() ? "a zone name such as us-east-1a"
                                           : "a zone of " + instance.region,
                   [&](auto v) {
                       if (instance.region.empty()) return !profile::region_of_zone(v).empty();
                       return v.size() > instance.region.size() && v.starts_with(instance.region);
                   });
        from_.word("availability_zone_id", instance.availability_zone_id);
        from_.line("placement_group", instance.placement_group);
        from_.word("host_id", instance.host_id, "h- and 8 or 17 hex digits",
                   [](auto v) { return is_resource_id(v, "h"); });
        if (fields_.find("partition_number")) {
            unsigned number = 0;
            // EC2: seven partitions to a zone.
            fields_.integer<unsigned>("partition_number", 1, 7, number);
            instance.partition_number = number;
            if (instance.placement_group.empty())
                with_.out.error(from_.value_at("partition_number"),
                                "'partition_number' needs a 'placement_group'");
        }
        from_.word("partition", instance.partition, "a partition name such as aws-cn",
                   is_host_name);
        from_.word("services_domain", instance.services_domain, "a domain name", is_host_name);
    }

    void read_product_codes(profile::instance_identity& instance) {
        const auto any = [](auto v) { return !v.empty(); };
        from_.words("billing_products", instance.billing_products, "a product code", any,
                    most_product_codes);
        from_.words("devpay_product_codes", instance.devpay_product_codes, "a product code", any,
                    most_product_codes);
        from_.words("marketplace_product_codes", instance.marketplace_product_codes,
                    "a product code", any, most_product_codes);
    }

    void read_accelerators(profile::instance_identity& instance) {
        if (const node* value = fields_.find("elastic_inference")) {
            instance.elastic_inference_accelerators =
                read_pairs(*value, "elastic_inference", accelerator_limits, with_.out);
            check_ids(*value, "eia");
        }
        const node* gpus = fields_.find("elastic_gpus");
        if (!gpus) return;
        each_named(*gpus, "elastic_gpus", with_.out, [&](const node::entry& entry) {
            if (auto text = read_json_object(entry.value, entry.key, with_))
                instance.elastic_gpus.emplace_back(entry.key, std::move(*text));
        });
        if (gpus->entries.size() > most_elastic_gpus)
            with_.out.error(gpus->at, "'elastic_gpus' has more than " +
                                          std::to_string(most_elastic_gpus) + " entries");
        check_ids(*gpus, "egpu");
    }

    /// These ids are names in paths; their digits were never fixed in number.
    void check_ids(const node& value, const std::string& kind) {
        for (const auto& entry : value.entries)
            if (!is_path_word(entry.key) || !entry.key.starts_with(kind + "-"))
                with_.out.error(entry.at, "ids begin with " + kind + "-, not " + quoted(entry.key));
    }

    void check_tag_keys(const node& tags) {
        for (const auto& entry : tags.entries) {
            if (profile::is_shown_tag_key(entry.key)) continue;
            with_.out.error(entry.at, "instance metadata cannot show the tag key " +
                                          quoted(entry.key) +
                                          ": keys are letters, digits and +-=.,_:@, and not "
                                          "'.', '..' or '_index'");
        }
    }

    void read_public_keys(const node& value, profile::instance_identity& instance) {
        instance.public_keys = read_pairs(value, "public_keys", public_key_limits, with_.out);
        if (!value.is_mapping()) return;
        for (const auto& entry : value.entries) {
            // Listed as "0=name".
            if (!is_word(entry.key) || entry.key.find('/') != std::string::npos)
                with_.out.error(entry.at, "names of keys are printable, without spaces and '/'");
            const auto& text = entry.value.text;
            const bool one_line = text.find_first_of("\r\n") == std::string::npos;
            if (!one_line || text.find(' ') == std::string::npos)
                with_.out.error(entry.value.at,
                                "a public key is one line, such as \"ssh-ed25519 AAAA... name\"");
        }
    }

    const instance_fields from_;
    const mapping& fields_;
    context with_;
};

}  // namespace

void read_instance(const node& value, profile::role_profile& into, context with) {
    instance_reader(value, with).read(into);
}

}  // namespace config
