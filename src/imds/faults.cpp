#include "imds/faults.hpp"

#include <cstring>

#include "imds/responder.hpp"

namespace imds {

namespace {

using profile::fault_kind;

constexpr std::string_view ttl_line = "X-aws-ec2-metadata-token-ttl-seconds: ";
constexpr std::string_view html_page =
    "<html>\n<head><title>Sign in</title></head>\n<body>This is not what you asked for.</body>\n"
    "</html>\n";

bool win(double probability, base::random& random) {
    if (probability >= 1) return true;
    std::uint32_t draw = 0;
    random.fill(std::as_writable_bytes(std::span(&draw, 1)));
    return double(draw) < probability * 4294967296.0;
}

/// As EC2 answers: pages for some statuses, empty bodies for others.
void answer_status(unsigned status, http::response& answer) {
    switch (status) {
        case 304:  // never has a body: what followed would be read as the next answer
        case 403:
        case 417:
            return answer_empty(status, answer);
        case 405:
            answer_empty(status, answer);
            answer.reason = "Not Allowed";
            answer.more_headers = "Allow: GET, HEAD, OPTIONS\r\n";
            return;
        default:
            return answer_page(status, answer);
    }
}

/// A path is the same resource with and without a slash at its end.
bool concerns(const profile::fault& fault, std::string_view method, std::string_view path) {
    if (!fault.method.empty() && fault.method != method) return false;
    if (fault.kind == fault_kind::no_ttl_header && method != "PUT") return false;
    if (profile::path_matches(fault.path, path)) return true;
    if (path.size() < 2) return false;
    if (path.back() == '/')
        return profile::path_matches(fault.path, path.substr(0, path.size() - 1));
    return profile::path_matches(fault.path, std::string(path) + '/');
}

std::size_t cut_at(const profile::fault& fault, std::size_t body_bytes) {
    return std::min(fault.bytes.value_or(body_bytes / 2), body_bytes);
}

/// Removes the line from the headers made for this answer.
void drop_ttl_header(std::string& headers) {
    const auto begin = headers.find(ttl_line);
    if (begin == std::string::npos) return;
    const auto end = headers.find("\r\n", begin);
    headers.erase(begin, end == std::string::npos ? end : end + 2 - begin);
}

}  // namespace

bool fault_decision::replaces_answer() const {
    if (throttled) return true;
    if (!fault) return false;
    switch (fault->kind) {
        case fault_kind::status:
        case fault_kind::unavailable:
        case fault_kind::unauthorized_once:
        case fault_kind::html:
            return true;
        default:
            return false;
    }
}

fault_injector::fault_injector(const profile::role_profile& profile)
    : faults_(profile.faults),
      throttle_(profile.request_throttle),
      taken_(std::make_unique<std::atomic<std::uint32_t>[]>(faults_.size())) {}

std::shared_ptr<fault_injector> fault_injector::of(const profile::role_profile& profile) {
    if (profile.faults.empty() && !profile.request_throttle) return nullptr;
    return std::make_shared<fault_injector>(profile);
}

bool fault_injector::take_turn(std::size_t index) {
    const auto& most = faults_[index].count;
    if (!most) return true;
    std::uint32_t taken = taken_[index].load(std::memory_order_relaxed);
    while (taken < *most) {
        if (taken_[index].compare_exchange_weak(taken, taken + 1, std::memory_order_relaxed))
            return true;
    }
    return false;
}

/// How long until the request's turn comes (zero: now), or nothing when it is refused. The generic
/// cell rate algorithm (ITU-T I.371): a request is early by as much as the queue is long.
std::optional<base::milliseconds> fault_injector::wait_for_turn(base::boot_time now) {
    using std::chrono::microseconds;
    const std::int64_t time = microseconds(now.time_since_epoch()).count();
    const std::int64_t each = 1'000'000 / throttle_->requests_per_second;
    const std::int64_t allowance = each * (std::int64_t(throttle_->burst) - 1);
    std::int64_t busy = busy_until_.load(std::memory_order_relaxed);
    while (true) {
        const std::int64_t early = busy - time - allowance;
        if (early > 0 && !throttle_->late) return std::nullopt;
        const std::int64_t longest =
            microseconds(std::chrono::seconds(profile::longest_fault_delay)).count();
        if (early > longest) return std::nullopt;
        const std::int64_t next = std::max(busy, time) + each;
        if (busy_until_.compare_exchange_weak(busy, next, std::memory_order_relaxed)) {
            return std::chrono::ceil<base::milliseconds>(
                microseconds(std::max<std::int64_t>(early, 0)));
        }
    }
}

fault_decision fault_injector::decide(std::string_view method, std::string_view path,
                                      base::boot_time now, base::random& random) {
    fault_decision decision;
    if (throttle_) {
        const auto wait = wait_for_turn(now);
        decision.throttled = !wait;
        if (!wait) return decision;
        decision.delay = *wait;
    }
    for (std::size_t i = 0; i < faults_.size(); ++i) {
        const profile::fault& fault = faults_[i];
        if (!concerns(fault, method, path)) continue;
        if (!win(fault.probability, random) || !take_turn(i)) continue;
        decision.fault = &fault;
        decision.delay += fault.delay;
        break;
    }
    return decision;
}

std::optional<base::seconds> pretended_expiry(const fault_decision& decision) {
    if (!decision.fault) return std::nullopt;
    if (decision.fault->kind == fault_kind::expired_document) return -decision.fault->age;
    if (decision.fault->kind == fault_kind::expiring_document) return decision.fault->age;
    return std::nullopt;
}

void answer_instead(const fault_decision& decision, http::response& answer) {
    if (decision.throttled) return answer_page(503, answer);
    const profile::fault& fault = *decision.fault;
    switch (fault.kind) {
        case fault_kind::html:
            answer.status = 200;
            answer.headers = "Content-Type: text/html\r\n";
            answer.server = server_name;
            answer.body = html_page;
            return;
        case fault_kind::unavailable:
            answer_page(503, answer);
            break;
        case fault_kind::unauthorized_once:
            return answer_page(401, answer);
        default:
            answer_status(fault.status, answer);
            break;
    }
    if (fault.retry_after) {
        answer.more_headers +=
            "Retry-After: " + std::to_string(fault.retry_after->count()) + "\r\n";
    }
}

void spoil(const fault_decision& decision, http::response& answer) {
    if (!decision.fault) return;
    switch (decision.fault->kind) {
        case fault_kind::truncate_document:
            answer.body = answer.body.substr(0, cut_at(*decision.fault, answer.body.size()));
            return;
        case fault_kind::empty:
            answer.body = {};
            return;
        case fault_kind::no_ttl_header:
            return drop_ttl_header(answer.more_headers);
        case fault_kind::extra_newline:
            return answer.own_body(std::string(answer.body) + "\n");
        default:
            return;
    }
}

std::optional<std::size_t> sent_bytes(const fault_decision& decision, std::size_t body_bytes) {
    if (!decision.fault || decision.fault->kind != fault_kind::truncate) return std::nullopt;
    return cut_at(*decision.fault, body_bytes);
}

}  // namespace imds
