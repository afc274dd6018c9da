#include "imds/lifecycle_rows.hpp"

#include <algorithm>
#include <array>
#include <map>

#include "base/time_text.hpp"
#include "crypto/rsa_pss.hpp"
#include "encoding/base64.hpp"
#include "encoding/json.hpp"

namespace imds {

namespace {

using profile::role_profile;
using maybe = std::optional<std::string>;
using entries = std::vector<profile::lifecycle_state::entry>;
constexpr auto text = leaf_kind::text;

/// "21 Jan 2019 09:00:43 GMT": an IMF-fixdate without the day's name.
std::string event_time(base::wall_time time) {
    return base::imf_fixdate(time).substr(5);
}

/// One line with ": " between names and values, unlike the pretty documents.
maybe spot_action(const role_profile& p) {
    const auto& spot = p.lifecycle.spot;
    if (!spot) return std::nullopt;
    return "{\"action\": \"" + std::string(to_string(spot->action)) + "\", \"time\": \"" +
           base::iso8601(spot->time) + "\"}";
}

maybe termination_time(const role_profile& p) {
    const auto& spot = p.lifecycle.spot;
    if (!spot || spot->action != profile::spot_action::terminate) return std::nullopt;
    return base::iso8601(spot->time);
}

maybe rebalance(const role_profile& p) {
    if (!p.lifecycle.rebalance) return std::nullopt;
    return "{\"noticeTime\": \"" + base::iso8601(*p.lifecycle.rebalance) + "\"}";
}

std::string_view description_mark(profile::maintenance_state state) {
    switch (state) {
        case profile::maintenance_state::active:
            return "";
        case profile::maintenance_state::completed:
            return "[Completed] ";
        case profile::maintenance_state::canceled:
            return "[Canceled] ";
    }
    return "";
}

/// An array as the EC2 User Guide shows it ("Viewing scheduled events"): members in this order.
std::string maintenance(const entries& list) {
    if (list.empty()) return "[]";
    std::string out = "[";
    for (const auto& [id, event] : list) {
        if (out.size() > 1) out += ',';
        out += "\n  {";
        auto member = [&out, first = true](std::string_view name, std::string_view value) mutable {
            out += first ? "\n    \"" : ",\n    \"";
            out += name;
            out += "\" : " + encoding::json_quoted(value);
            first = false;
        };
        member("NotBefore", event_time(event.not_before));
        member("Code", to_string(event.code));
        member("Description", std::string(description_mark(event.state)) + event.description);
        member("EventId", id);
        member("NotAfter", event_time(event.not_after));
        if (event.not_before_deadline)
            member("NotBeforeDeadline", event_time(*event.not_before_deadline));
        member("State", to_string(event.state));
        out += "\n  }";
    }
    return out + "\n]";
}

maybe autoscaling(const role_profile& p) {
    if (!p.lifecycle.autoscaling) return std::nullopt;
    return std::string(to_string(*p.lifecycle.autoscaling));
}

// Sources: EC2 User Guide, "Instance metadata categories"; versions as documented there.
constexpr auto table = std::to_array<row>({
    {"meta-data/autoscaling/target-lifecycle-state", "2021-07-15", text, autoscaling},
    {"meta-data/events/maintenance/history", "2018-08-17", text,
     [](const role_profile& p) -> maybe { return maintenance(p.lifecycle.history); }},
    {"meta-data/events/maintenance/scheduled", "2018-08-17", text,
     [](const role_profile& p) -> maybe { return maintenance(p.lifecycle.scheduled); }},
    {"meta-data/events/recommendations/rebalance", "2020-10-27", text, rebalance},
    {"meta-data/spot/instance-action", "2016-11-15", text, spot_action},
    {"meta-data/spot/termination-time", "2014-11-05", text, termination_time},
});

constexpr std::size_t signature_line = 76;

/// A key as EC2 Instance Connect's client reads it (eic_parse_authorized_keys): lines that name the
/// instance and the time of expiry, the key, the signature over all of them, an empty line.
std::string signed_key(std::string_view key, base::wall_time expires, const role_profile& p) {
    const auto seconds = std::chrono::floor<base::seconds>(expires.time_since_epoch());
    std::string block = "#Timestamp=" + std::to_string(seconds.count()) +
                        "\n#Instance=" + p.instance.instance_id + "\n" + std::string(key) + "\n";
    const auto signature = crypto::sign_rsa_pss_sha256(p.connect.signer_key->reveal(), block);
    // The configuration has tried the key. Without a signature the key is not served.
    if (!signature) return {};
    const std::string encoded = encoding::base64(*signature);
    for (std::size_t at = 0; at < encoded.size(); at += signature_line)
        block += encoded.substr(at, signature_line) + "\n";
    return block + "\n";
}

/// A list that its pusher has signed goes out as it is; so does everything without a signer.
void add_key(const profile::lifecycle_state::live_key& key, const role_profile& p,
             std::string& list) {
    const std::string& pushed = key.pushed.text;
    if (!p.connect.signer_key || pushed.starts_with('#')) {
        if (!list.empty() && list.back() != '\n') list += '\n';
        list += pushed;
        return;
    }
    for (std::size_t at = 0; at < pushed.size();) {
        const auto end = std::min(pushed.find('\n', at), pushed.size());
        if (end > at) list += signed_key(pushed.substr(at, end - at), key.expires, p);
        at = end + 1;
    }
}

/// EC2 Instance Connect came in June 2019; its paths are not documented.
constexpr std::string_view connect_since = "2019-10-01";

constexpr auto connect_table = std::to_array<repeated_row>({
    {"meta-data/managed-ssh-keys/active-keys/{user}", connect_since,
     [](const role_profile& p, const leaf_sink& add) {
         std::map<std::string, std::string> lists;
         for (const auto& key : p.lifecycle.keys)
             add_key(key, p, lists[key.pushed.user]);
         for (auto& [user, list] : lists)
             add({{user}, std::move(list)});
     }},
    {"meta-data/managed-ssh-keys/signer-cert", connect_since,
     [](const role_profile& p, const leaf_sink& add) {
         if (!p.connect.signer_certificate.empty()) add({{}, p.connect.signer_certificate});
     }},
    {"meta-data/managed-ssh-keys/signer-ocsp/{fingerprint}", connect_since,
     [](const role_profile& p, const leaf_sink& add) {
         for (const auto& [name, response] : p.connect.signer_ocsp)
             add({{name}, response});
     }},
});

}  // namespace

std::span<const row> lifecycle_rows() {
    return table;
}

std::span<const repeated_row> pushed_rows() {
    return connect_table;
}

}  // namespace imds
