#include "profile/metadata_override.hpp"

namespace profile {

namespace {

template <class Value>
void replace(Value& into, const Value& with) {
    if (with) into = with;
}

}  // namespace

void metadata_override::merge(const metadata_override& later) {
    replace(http_endpoint_enabled, later.http_endpoint_enabled);
    replace(http_tokens_required, later.http_tokens_required);
    replace(hop_limit, later.hop_limit);
    replace(http_protocol_ipv6_enabled, later.http_protocol_ipv6_enabled);
    replace(instance_metadata_tags, later.instance_metadata_tags);
}

metadata_options metadata_override::over(metadata_options configured) const {
    metadata_options options = configured;
    options.http_endpoint_enabled = http_endpoint_enabled.value_or(options.http_endpoint_enabled);
    options.http_tokens_required = http_tokens_required.value_or(options.http_tokens_required);
    options.hop_limit = hop_limit.value_or(options.hop_limit);
    options.http_protocol_ipv6_enabled =
        http_protocol_ipv6_enabled.value_or(options.http_protocol_ipv6_enabled);
    options.instance_metadata_tags =
        instance_metadata_tags.value_or(options.instance_metadata_tags);
    return options;
}

}  // namespace profile
