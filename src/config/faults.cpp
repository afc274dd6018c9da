#include <algorithm>
#include <charconv>

#include "base/time_text.hpp"
#include "config/sections.hpp"

namespace config {

namespace {

using profile::fault_kind;

constexpr std::uint32_t most_count = 1'000'000;
constexpr std::uint32_t most_rate = 100'000;
constexpr std::size_t most_bytes = 1 << 20;
constexpr std::size_t longest_glob = 1024;
constexpr base::seconds longest_age{365 * 86400};
constexpr base::seconds longest_retry_after{86400};

/// As durations elsewhere, and "300ms": time-outs of clients are that short.
std::optional<base::milliseconds> read_delay(const node& value, report& out) {
    if (value.is_scalar() && value.text.ends_with("ms")) {
        const std::string_view digits(value.text.data(), value.text.size() - 2);
        std::uint32_t number = 0;
        const char* const end = digits.data() + digits.size();
        const auto [stop, failed] = std::from_chars(digits.data(), end, number);
        const base::milliseconds delay(number);
        if (failed == std::errc{} && stop == end && number > 0 &&
            delay <= profile::longest_fault_delay) {
            return delay;
        }
        out.error(value.at, "'delay' must be from 1ms to " +
                                base::duration_text(profile::longest_fault_delay));
        return std::nullopt;
    }
    const auto delay =
        read_duration(value, "delay", base::seconds(1), profile::longest_fault_delay, out);
    if (!delay) return std::nullopt;
    return base::milliseconds(*delay);
}

std::optional<double> read_probability(const node& value, report& out) {
    double number = 0;
    if (value.is_scalar() && value.plain) {
        const char* const end = value.text.data() + value.text.size();
        const auto [stop, failed] =
            std::from_chars(value.text.data(), end, number, std::chars_format::fixed);
        if (failed == std::errc{} && stop == end && number > 0 && number <= 1) return number;
    }
    out.error(value.at, "'probability' must be a number above 0 and at most 1");
    return std::nullopt;
}

class fault_reader {
public:
    fault_reader(const node& value, context with)
        : fields_(value, sections::fault, with.out), with_(with) {}

    profile::fault read() {
        profile::fault one;
        const std::vector<std::string_view> names = profile::fault_kind_names();
        const node* kind = fields_.require("fault");
        const auto named = kind ? read_choice(*kind, "fault", names, with_.out) : std::nullopt;
        if (named) one.kind = *profile::fault_kind_of(names[*named]);
        read_request(one);
        if (const node* delay = fields_.find("delay"))
            one.delay = read_delay(*delay, with_.out).value_or(one.delay);
        if (const node* probability = fields_.find("probability"))
            one.probability = read_probability(*probability, with_.out).value_or(1);
        // What belongs to which kind can be judged of a known one only.
        if (named) read_count(one);
        if (named) read_particulars(one);
        return one;
    }

private:
    void read_request(profile::fault& one) {
        fields_.text("path", one.path);
        if (one.path.size() > longest_glob ||
            (!one.path.starts_with('/') && !one.path.starts_with('*'))) {
            with_.out.error(fields_.at("path"),
                            "'path' is a pattern such as /latest/meta-data/iam/**");
        }
        fields_.text("method", one.method);
        if (!std::all_of(one.method.begin(), one.method.end(),
                         [](char c) { return c >= 'A' && c <= 'Z'; })) {
            with_.out.error(fields_.at("method"), "'method' is a method such as GET or PUT");
        }
    }

    void read_count(profile::fault& one) {
        std::uint32_t count = 0;
        fields_.integer<std::uint32_t>("count", 1, most_count, count);
        if (count != 0) one.count = count;
        if (one.kind != fault_kind::unauthorized_once) return;
        only_with("count", false, "does not go with unauthorized_once, which counts itself");
        one.count = 1;
    }

    /// Reports the key when it is written and has no meaning here.
    void only_with(std::string_view key, bool meant, const std::string& why) {
        if (!meant && fields_.find(key)) with_.out.error(fields_.at(key), quoted(key) + " " + why);
    }

    void needs(std::string_view key) {
        if (!fields_.find(key)) with_.out.error(fields_.at(), "this fault needs " + quoted(key));
    }

    void read_particulars(profile::fault& one) {
        const auto is = [&](auto... kinds) { return ((one.kind == kinds) || ...); };
        const bool with_status = is(fault_kind::status);
        const bool with_retry = is(fault_kind::status, fault_kind::unavailable);
        const bool with_bytes = is(fault_kind::truncate, fault_kind::truncate_document);
        const bool with_age = is(fault_kind::expired_document, fault_kind::expiring_document);
        only_with("status", with_status, "goes with the fault status only");
        only_with("retry_after", with_retry, "goes with the faults status and unavailable only");
        only_with("bytes", with_bytes, "goes with truncate and truncate_document only");
        only_with("age", with_age, "goes with expired_document and expiring_document only");
        only_with("delay", !is(fault_kind::drop, fault_kind::reset),
                  "has no meaning where nothing is answered");
        if (with_status) needs("status");
        if (is(fault_kind::delay)) needs("delay");
        fields_.integer<unsigned>("status", 300, 599, one.status);
        base::seconds retry{0};
        fields_.duration("retry_after", base::seconds(1), longest_retry_after, retry);
        if (retry.count() != 0) one.retry_after = retry;
        if (fields_.find("bytes")) {
            std::size_t bytes = 0;
            fields_.integer<std::size_t>("bytes", 0, most_bytes, bytes);
            one.bytes = bytes;
        }
        fields_.duration("age", base::seconds(1), longest_age, one.age);
    }

    mapping fields_;
    context with_;
};

}  // namespace

std::vector<profile::fault> read_faults(const node& value, context with) {
    std::vector<profile::fault> faults;
    if (!value.is_sequence()) {
        with.out.error(value.at, "'faults' must be a list");
        return faults;
    }
    if (value.items.size() > profile::most_faults) {
        with.out.error(value.at,
                       "'faults' has at most " + std::to_string(profile::most_faults) + " entries");
        return faults;
    }
    for (const node& item : value.items)
        faults.push_back(fault_reader(item, with).read());
    if (!faults.empty())
        with.out.warning(value.at, "faults are injected: clients get wrong answers on purpose");
    return faults;
}

profile::throttle read_throttle(const node& value, context with) {
    const mapping fields(value, sections::throttle, with.out);
    profile::throttle throttle;
    throttle.requests_per_second = 1;
    if (fields.require("requests_per_second"))
        fields.integer<std::uint32_t>("requests_per_second", 1, most_rate,
                                      throttle.requests_per_second);
    throttle.burst = throttle.requests_per_second;
    fields.integer<std::uint32_t>("burst", 1, most_rate, throttle.burst);
    fields.choice<bool>("excess", {{"refuse", false}, {"delay", true}}, throttle.late);
    with.out.warning(value.at, "requests are throttled on purpose");
    return throttle;
}

}  // namespace config
