#include "audit/verify_files.hpp"

#include <algorithm>
#include <limits>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

#include "audit/head_file.hpp"
#include "audit/log_files.hpp"

namespace audit {
namespace {

/// The number of its first chained record. A file without one is older than the chain (0), or, when
/// nothing is in it, just made.
base::result<std::uint64_t> first_number(const std::string& path) {
    auto reader = line_reader::open(path);
    if (!reader) return reader.error();
    std::string_view line;
    bool empty = true;
    while (true) {
        const auto got = reader->next(line);
        if (!got) return got.error();
        if (*got == line_reader::state::end) break;
        const chained_line read = read_chained_line(line);
        if (read.what == chained_line::kind::linked) return read.own.sequence;
        empty = false;
    }
    return empty ? std::numeric_limits<std::uint64_t>::max() : 0;
}

struct numbered {
    std::uint64_t first = 0;
    line_reader file;
};

base::result<std::vector<line_reader>> in_order(std::vector<line_reader> files) {
    std::vector<numbered> all;
    for (line_reader& file : files) {
        // By the descriptor: the name may be another file's by now.
        const auto first =
            first_number("/proc/self/fd/" + std::to_string(file.descriptor_number()));
        if (!first) return base::unavailable(file.path() + ": " + first.error().message);
        all.push_back({*first, std::move(file)});
    }
    std::stable_sort(all.begin(), all.end(),
                     [](const numbered& a, const numbered& b) { return a.first < b.first; });
    std::vector<line_reader> out;
    for (numbered& one : all)
        out.push_back(std::move(one.file));
    return out;
}

bool same_file(int a, int b) {
    struct stat of_a {};
    struct stat of_b {};
    return ::fstat(a, &of_a) == 0 && ::fstat(b, &of_b) == 0 && of_a.st_dev == of_b.st_dev &&
           of_a.st_ino == of_b.st_ino;
}

}  // namespace

base::result<std::vector<line_reader>> open_log(const std::string& log) {
    auto current = line_reader::open(log);
    if (!current) return current.error();
    std::vector<line_reader> files;
    for (const earlier_file& one : earlier_files(log)) {
        auto opened = line_reader::open(one.path);
        if (!opened) return opened.error();
        // Renamed since it was opened.
        if (!same_file(opened->descriptor_number(), current->descriptor_number()))
            files.push_back(std::move(*opened));
    }
    files.push_back(std::move(*current));
    return in_order(std::move(files));
}

base::result<std::vector<line_reader>> open_files(const std::vector<std::string>& paths) {
    std::vector<line_reader> files;
    for (const std::string& path : paths) {
        auto opened = line_reader::open(path);
        if (!opened) return opened.error();
        files.push_back(std::move(*opened));
    }
    return in_order(std::move(files));
}

base::result<verdict> verify_files(std::vector<line_reader> files, std::optional<link> head) {
    verifier check(head);
    for (line_reader& file : files) {
        check.begin_file(file.path());
        std::string_view line;
        while (true) {
            const auto got = file.next(line);
            if (!got) return got.error();
            if (*got == line_reader::state::end) break;
            if (!check.take(line, true)) return check.finish();
        }
        if (!file.rest().empty() && !check.take(file.rest(), false)) return check.finish();
    }
    return check.finish();
}

base::result<verdict> verify_log(const std::string& log, const std::string& head_path) {
    // First: what it names is in the log that is opened after it.
    std::optional<link> head;
    if (!head_path.empty()) {
        auto kept = head_file::look(head_path);
        if (!kept) return kept.error();
        head = *kept;
    }
    auto files = open_log(log);
    if (!files) return files.error();
    return verify_files(std::move(*files), head);
}

}  // namespace audit
