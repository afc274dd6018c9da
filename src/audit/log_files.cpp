#include "audit/log_files.hpp"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <fcntl.h>
#include <filesystem>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

#include "audit/descriptor.hpp"
#include "audit/lines_backwards.hpp"

namespace audit {
namespace {

/// Unreadable lines at the end: a daemon that is killed again and again leaves one each time.
constexpr int most_fragments = 1000;

base::error failure(const std::string& path, int code) {
    return base::unavailable("audit log: cannot read " + path + ": " +
                             std::generic_category().message(code));
}

base::result<log_end> find_end_of(const std::string& path) {
    log_end out;
    const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY | O_NONBLOCK);
    if (fd < 0 && errno == ENOENT) return out;
    if (fd < 0) return failure(path, errno);
    const descriptor held(fd, true);
    struct stat facts {};
    if (::fstat(fd, &facts) != 0) return failure(path, errno);
    if (!S_ISREG(facts.st_mode) || facts.st_size == 0) return out;
    lines_backwards lines(fd, facts.st_size);
    std::string line;
    lines.next(line);  // what follows the last newline is nothing, or a fragment
    for (int i = 0; i < most_fragments && lines.next(line); ++i) {
        const chained_line read = read_chained_line(line);
        if (read.what == chained_line::kind::unreadable) continue;
        const bool ours = read.what == chained_line::kind::linked;
        out.what = ours ? log_end::kind::linked : log_end::kind::foreign;
        out.last = read.own;
        return out;
    }
    if (lines.error() != 0) return failure(path, lines.error());
    out.what = log_end::kind::foreign;
    return out;
}

}  // namespace

std::vector<earlier_file> earlier_files(const std::string& log) {
    namespace fs = std::filesystem;
    std::vector<earlier_file> out;
    const fs::path path(log);
    const std::string prefix = path.filename().string() + ".";
    const fs::path folder = path.parent_path().empty() ? fs::path(".") : path.parent_path();
    std::error_code failed;
    for (fs::directory_iterator at(folder, failed), end; !failed && at != end;
         at.increment(failed)) {
        const std::string name = at->path().filename().string();
        if (name.compare(0, prefix.size(), prefix) != 0) continue;
        const char* first = name.data() + prefix.size();
        const char* last = name.data() + name.size();
        std::uint64_t number = 0;
        const auto [stop, wrong] = std::from_chars(first, last, number);
        if (wrong != std::errc{} || stop != last || *first == '0') continue;
        out.push_back({number, log + "." + std::to_string(number)});
    }
    std::sort(out.begin(), out.end(),
              [](const earlier_file& a, const earlier_file& b) { return a.number < b.number; });
    return out;
}

base::result<log_end> find_log_end(const std::string& log) {
    auto end = find_end_of(log);
    if (!end || end->what != log_end::kind::empty) return end;
    // Whoever rotates by other numbers than ours may have the newest first: the furthest counts.
    log_end furthest;
    for (const earlier_file& one : earlier_files(log)) {
        const auto of = find_end_of(one.path);
        if (!of) return of.error();
        if (of->what == log_end::kind::linked && of->last.sequence > furthest.last.sequence)
            furthest = *of;
    }
    return furthest;
}

base::result<chain_start> find_chain_start(const std::string& log,
                                           const std::optional<link>& kept) {
    const auto end = find_log_end(log);
    if (!end) return end.error();
    const bool linked = end->what == log_end::kind::linked;
    chain_start out;
    if (linked) out.last = end->last;
    if (kept && (!linked || kept->sequence > end->last.sequence ||
                 (kept->sequence == end->last.sequence && kept->hash != end->last.hash))) {
        out.last = *kept;
        if (end->what != log_end::kind::empty)
            out.warning = "the audit log " + log +
                          " does not end with the record that was written "
                          "last, number " +
                          std::to_string(kept->sequence) + ": run 'imdsd audit verify'";
    }
    if (out.last.sequence == 0) {
        out.begins = end->what == log_end::kind::foreign ? "the records before it bear no chain"
                                                         : "there is no earlier record";
    }
    return out;
}

}  // namespace audit
