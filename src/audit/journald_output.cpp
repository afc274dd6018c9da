#include "audit/journald_output.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <string>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <system_error>
#include <utility>
#include <vector>

#include <boost/json/object.hpp>

#include "audit/descriptor.hpp"
#include "encoding/json.hpp"

#define SD_JOURNAL_SUPPRESS_LOCATION
#include <systemd/sd-journal.h>

namespace audit {
namespace {

constexpr const char* socket_path = "/run/systemd/journal/socket";  // sd_journal_send(3)

base::error failure(int code) {
    return base::unavailable("audit log: journald: " + std::generic_category().message(code));
}

/// libsystemd takes an entry for sent when there is no journal at all.
base::result<void> see_journal() {
    const descriptor probe(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0), true);
    if (probe.get() < 0) return failure(errno);
    sockaddr_un to{};
    to.sun_family = AF_UNIX;
    std::copy_n(socket_path, std::string_view(socket_path).size(), to.sun_path);
    if (::connect(probe.get(), reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0)
        return failure(errno);
    return {};
}

struct row {
    const char* field;
    const char* member;
};
constexpr std::array<row, 5> rows{{{"AWS_EVENT_NAME", "eventName"},
                                   {"AWS_EVENT_SOURCE", "eventSource"},
                                   {"AWS_EVENT_ID", "eventID"},
                                   {"AWS_ACCOUNT", "recipientAccountId"},
                                   {"AWS_ERROR_CODE", "errorCode"}}};

std::vector<std::string> fields_of(std::string_view line) {
    std::vector<std::string> out{"MESSAGE=" + std::string(line), "PRIORITY=6",
                                 "SYSLOG_IDENTIFIER=imdsd-audit"};
    const auto record = encoding::parse_json(line, {64, line.size()});
    if (!record || !record->is_object()) return out;
    for (const row& each : rows) {
        const boost::json::value* value = record->get_object().if_contains(each.member);
        if (value != nullptr && value->is_string())
            out.push_back(std::string(each.field) + "=" + std::string(value->get_string()));
    }
    return out;
}

}  // namespace

base::result<std::unique_ptr<journald_output>> journald_output::open() {
    if (const auto there = see_journal(); !there) return there.error();
    return std::unique_ptr<journald_output>(new journald_output);
}

base::result<void> journald_output::write(std::string_view lines) {
    if (auto there = see_journal(); !there) return there;
    while (done_ < lines.size()) {
        const std::string_view rest = lines.substr(done_);
        const std::size_t size = std::min(rest.find('\n'), rest.size());
        std::vector<std::string> fields = fields_of(rest.substr(0, size));
        std::vector<iovec> parts;
        for (std::string& one : fields)
            parts.push_back({one.data(), one.size()});
        if (const int sent = ::sd_journal_sendv(parts.data(), int(parts.size())); sent < 0)
            return failure(-sent);
        done_ += std::min(size + 1, rest.size());
    }
    done_ = 0;
    return {};
}

}  // namespace audit
