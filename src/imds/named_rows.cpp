#include <array>

#include "encoding/json.hpp"
#include "imds/rows.hpp"

namespace imds {

namespace {

using profile::role_profile;

void block_devices(const role_profile& p, const leaf_sink& add) {
    for (const auto& [name, device] : p.instance.block_devices)
        add({{name}, device});
}

void elastic_gpus(const role_profile& p, const leaf_sink& add) {
    for (const auto& [id, text] : p.instance.elastic_gpus)
        add({{id}, text});
}

void accelerators(const role_profile& p, const leaf_sink& add) {
    for (const auto& [id, type] : p.instance.elastic_inference_accelerators) {
        add({{id},
             "{\"version_2018_04_12\":{\"elastic-inference-accelerator-id\":" +
                 encoding::json_quoted(id) +
                 ",\"elastic-inference-accelerator-type\":" + encoding::json_quoted(type) + "}}"});
    }
}

void public_keys(const role_profile& p, const leaf_sink& add) {
    std::size_t index = 0;
    for (const auto& [name, key] : p.instance.public_keys) {
        const std::string number = std::to_string(index++);
        std::string body = key;
        // The only leaf known to end with a newline on EC2.
        if (body.empty() || body.back() != '\n') body += '\n';
        add({{number}, std::move(body), number + "=" + name});
    }
}

void tags(const role_profile& p, const leaf_sink& add) {
    if (!p.metadata.instance_metadata_tags) return;
    for (const auto& [key, value] : p.instance.tags)
        add({{key}, value});
}

// Sources: EC2 User Guide, "Instance metadata categories"; versions as documented there.
constexpr auto table = std::to_array<repeated_row>({
    {"meta-data/block-device-mapping/{device}", "2007-12-15", block_devices},
    {"meta-data/elastic-gpus/associations/{elastic-gpu-id}", "2016-11-30", elastic_gpus},
    {"meta-data/elastic-inference/associations/{eia-id}", "2018-11-29", accelerators},
    {"meta-data/public-keys/{index}/openssh-key", "1.0", public_keys},
    {"meta-data/tags/instance/{key}", "2021-03-23", tags},
});

}  // namespace

std::span<const repeated_row> named_rows() {
    return table;
}

}  // namespace imds
