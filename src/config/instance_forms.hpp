#pragma once

#include <string>
#include <string_view>

namespace config {

// The forms of values that instance metadata shows. All are one line, so that no value can pretend
// to be several.

/// Most bytes of one value.
inline constexpr std::size_t longest_instance_value = 255;

/// `kind`, '-' and 8 or 17 hex digits: the old and the new form of EC2's resource ids.
bool is_resource_id(std::string_view text, std::string_view kind);
/// Printable ASCII without spaces: what a shell can read.
bool is_word(std::string_view text);
/// A word that can be a segment of a path.
bool is_path_word(std::string_view text);
/// UTF-8 text without control characters.
bool is_one_line(std::string_view text);
/// RFC 1123 §2.1, without a dot at the end.
bool is_host_name(std::string_view text);
/// What is_host_name accepts, for messages.
inline constexpr const char* host_name_form =
    "a host name: parts of 1 to 63 letters, digits and, inside, hyphens, joined by dots";
bool is_mac(std::string_view text);  ///< lower case
bool is_ipv4(std::string_view text);
bool is_ipv6(std::string_view text);
bool is_ipv4_block(std::string_view text);
bool is_ipv6_block(std::string_view text);
/// Lower case, shortened as RFC 5952 has it; the text itself where it is no IPv6 address or block.
std::string canonical_ipv6(std::string_view text);
/// EC2: ami, root, swap, ebsN, ephemeralN
bool is_block_device_name(std::string_view text);

}  // namespace config
