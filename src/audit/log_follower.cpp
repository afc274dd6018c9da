#include "audit/log_follower.hpp"

#include <cerrno>
#include <sys/stat.h>
#include <system_error>
#include <utility>

#include "audit/lines_backwards.hpp"
#include "audit/log_files.hpp"

namespace audit {
namespace {

base::error failure(const std::string& path, int code) {
    return base::unavailable(path + ": " + std::generic_category().message(code));
}

base::result<void> read_all(line_reader& from, const log_follower::take_line& take) {
    std::string_view line;
    while (true) {
        const auto got = from.next(line);
        if (!got) return got.error();
        if (*got == line_reader::state::end) return {};
        if (!line.empty()) take(line);
    }
}

/// Puts up to `most` whole lines before those in `lines`; returns where the last whole one ends.
base::result<off_t> collect(const line_reader& of, std::size_t most,
                            std::vector<std::string>& newest_first) {
    struct stat facts {};
    if (::fstat(of.descriptor_number(), &facts) != 0) return failure(of.path(), errno);
    lines_backwards lines(of.descriptor_number(), facts.st_size);
    std::string line;
    off_t end = facts.st_size;
    if (lines.next(line)) end -= off_t(line.size());
    while (newest_first.size() < most && lines.next(line)) {
        if (!line.empty()) newest_first.push_back(line);
    }
    if (lines.error() != 0) return failure(of.path(), lines.error());
    return end;
}

bool is_file(const struct stat& a, const struct stat& b) {
    return a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

}  // namespace

base::result<log_follower> log_follower::open(const std::string& log, std::size_t lines,
                                              const take_line& take) {
    auto current = line_reader::open(log);
    if (!current) return current.error();
    std::vector<std::string> newest_first;
    const auto end = collect(*current, lines, newest_first);
    if (!end) return end.error();
    const std::vector<earlier_file> earlier = earlier_files(log);
    for (auto at = earlier.rbegin(); at != earlier.rend() && newest_first.size() < lines; ++at) {
        const auto file = line_reader::open(at->path);
        if (!file) return file.error();
        if (const auto read = collect(*file, lines, newest_first); !read) return read.error();
    }
    for (auto line = newest_first.rbegin(); line != newest_first.rend(); ++line)
        take(*line);
    if (auto moved = current->move_to(*end); !moved) return moved.error();
    return log_follower(log, std::move(*current));
}

base::result<void> log_follower::poll(const take_line& take) {
    for (line_reader& one : before_) {
        if (auto read = read_all(one, take); !read) return read;
    }
    if (auto read = read_all(current_, take); !read) return read;
    const auto replaced = replace_current();
    if (!replaced) return replaced.error();
    if (!*replaced) return {};
    for (line_reader& one : before_) {
        if (auto read = read_all(one, take); !read) return read;
    }
    return read_all(current_, take);
}

/// True: there is another file at the path, and `current_` is that.
base::result<bool> log_follower::replace_current() {
    struct stat ours {};
    struct stat there {};
    if (::fstat(current_.descriptor_number(), &ours) != 0) return failure(log_, errno);
    // In the middle of a rotation there is none.
    if (::stat(log_.c_str(), &there) != 0) {
        if (errno == ENOENT) return false;
        return failure(log_, errno);
    }
    if (is_file(ours, there)) {
        if (there.st_size >= current_.position()) return false;
        auto anew = line_reader::open(log_);
        if (!anew) return anew.error();
        current_ = std::move(*anew);
        return true;
    }
    auto next = line_reader::open(log_);
    if (!next) return next.error();
    before_.clear();
    before_.push_back(std::move(current_));
    bool after = false;
    for (const earlier_file& one : earlier_files(log_)) {
        struct stat facts {};
        if (::stat(one.path.c_str(), &facts) != 0) continue;
        if (after && !is_file(facts, there)) {
            auto between = line_reader::open(one.path);
            if (!between) return between.error();
            before_.push_back(std::move(*between));
        }
        after = after || is_file(facts, ours);
    }
    current_ = std::move(*next);
    return true;
}

}  // namespace audit
