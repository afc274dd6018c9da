#include "audit_record/record.hpp"

#include <array>
#include <cstddef>
#include <cstdio>

#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include "base/time_text.hpp"
#include "encoding/utf8.hpp"

namespace audit_record {
namespace {

constexpr std::string_view event_version = "1.11";

boost::json::value object_or_null(const boost::json::object& object) {
    if (object.empty()) return nullptr;
    return object;
}

}  // namespace

// The order is that of CloudTrail's own records: people read them, and diffs stay small.
std::string to_json_line(const record& r, std::string_view host_id) {
    boost::json::object line;
    line["eventVersion"] = event_version;
    line["userIdentity"] = r.user_identity;
    line["eventTime"] = base::iso8601(r.time);
    line["eventSource"] = r.event_source;
    line["eventName"] = r.event_name;
    line["awsRegion"] = r.region;
    // CloudTrail names the service itself where no network peer is behind an event.
    line["sourceIPAddress"] = r.source_address.empty() ? r.event_source : r.source_address;
    if (!r.user_agent.empty()) line["userAgent"] = r.user_agent;
    if (!r.error_code.empty()) line["errorCode"] = r.error_code;
    if (!r.error_message.empty()) line["errorMessage"] = r.error_message;
    line["requestParameters"] = object_or_null(r.request_parameters);
    line["responseElements"] = object_or_null(r.response_elements);
    if (!r.additional.empty()) line["additionalEventData"] = r.additional;
    if (!r.request_id.empty()) line["requestID"] = r.request_id;
    line["eventID"] = r.event_id;
    line["readOnly"] = r.read_only;
    if (!r.resources.empty()) line["resources"] = r.resources;
    line["eventType"] = r.event_type;
    line["managementEvent"] = true;
    if (!r.account.empty()) line["recipientAccountId"] = r.account;
    if (!r.shared_event_id.empty()) line["sharedEventID"] = r.shared_event_id;
    line["eventCategory"] = "Management";
    if (!r.tls_details.empty()) line["tlsDetails"] = r.tls_details;
    line["hostId"] = host_id;
    return encoding::scrub_utf8(boost::json::serialize(line));
}

std::string new_event_id(base::random& random) {
    std::array<std::byte, 16> bytes{};
    random.fill(bytes);
    bytes[6] = (bytes[6] & std::byte{0x0f}) | std::byte{0x40};
    bytes[8] = (bytes[8] & std::byte{0x3f}) | std::byte{0x80};
    constexpr std::string_view digits = "0123456789abcdef";
    std::string text;
    text.reserve(36);
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        if (i == 4 || i == 6 || i == 8 || i == 10) text += '-';
        text += digits[std::to_integer<std::size_t>(bytes[i] >> 4)];
        text += digits[std::to_integer<std::size_t>(bytes[i] & std::byte{0x0f})];
    }
    return text;
}

std::string expiration_text(base::wall_time time) {
    constexpr std::array<const char*, 12> months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                 "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const auto day = std::chrono::floor<std::chrono::days>(time);
    const std::chrono::year_month_day date(day);
    const std::chrono::hh_mm_ss clock(std::chrono::floor<std::chrono::seconds>(time - day));
    const int hour = static_cast<int>(clock.hours().count());
    std::array<char, 64> text{};
    const int size =
        std::snprintf(text.data(), text.size(), "%s %u, %d, %d:%02d:%02d %s",
                      months[static_cast<unsigned>(date.month()) - 1],
                      static_cast<unsigned>(date.day()), static_cast<int>(date.year()),
                      hour % 12 == 0 ? 12 : hour % 12, static_cast<int>(clock.minutes().count()),
                      static_cast<int>(clock.seconds().count()), hour < 12 ? "AM" : "PM");
    return std::string(text.data(), static_cast<std::size_t>(size));
}

}  // namespace audit_record
