#include "host/state_directory.hpp"

#include <cerrno>
#include <charconv>
#include <fcntl.h>
#include <filesystem>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

#include "host/system_error.hpp"

namespace host {

namespace {

constexpr std::string_view lock_name = "lock";
constexpr mode_t private_directory = 0700;
constexpr mode_t private_file = 0600;

base::result<> make_with_parents(const std::string& path) {
    for (std::size_t end = path.find('/', 1);; end = path.find('/', end + 1)) {
        const std::string part = path.substr(0, end);
        if (::mkdir(part.c_str(), private_directory) != 0 && errno != EEXIST) {
            // A parent that is there may refuse mkdir for other reasons (EROFS, EACCES).
            const int error = errno;
            struct stat status {};
            if (::stat(part.c_str(), &status) != 0 || !S_ISDIR(status.st_mode)) {
                errno = error;
                return system_failure(part, "make the directory");
            }
        }
        if (end == std::string::npos) return {};
    }
}

base::result<> check_ownership(const std::string& path, int fd) {
    struct stat status {};
    if (::fstat(fd, &status) != 0) return system_failure(path, "examine");
    if (status.st_uid != ::geteuid())
        return base::denied(path + ": the state directory belongs to uid " +
                            std::to_string(status.st_uid) + ", not to uid " +
                            std::to_string(::geteuid()));
    if ((status.st_mode & (S_IWGRP | S_IWOTH)) != 0)
        return base::denied(path + ": the state directory is writable for others");
    return {};
}

// A process that was killed while it wrote a secret leaves the unfinished copy behind (its name is
// that of secret_file.cpp). Under the lock nobody else is writing one.
void remove_unfinished(const std::string& path) {
    constexpr std::string_view mark = ".new-";
    constexpr std::size_t random_letters = 6;  // mkostemp
    std::error_code failed;
    for (std::filesystem::directory_iterator at(path, failed), end; !failed && at != end;
         at.increment(failed)) {
        const std::string name = at->path().filename();
        if (name.size() <= mark.size() + random_letters) continue;
        if (name.compare(name.size() - mark.size() - random_letters, mark.size(), mark) == 0)
            ::unlink(at->path().c_str());
    }
}

// The process id in the file is for the message only; the lock is the kernel's.
std::string holder(int fd) {
    char text[20]{};
    const ssize_t got = ::pread(fd, text, sizeof text, 0);
    long id = 0;
    if (got <= 0 || std::from_chars(text, text + got, id).ec != std::errc{} || id <= 0) return {};
    return " (process " + std::to_string(id) + ")";
}

base::result<file_descriptor> take_lock(const std::string& directory, int directory_fd) {
    const std::string path = directory + "/" + std::string(lock_name);
    file_descriptor lock(::openat(directory_fd, lock_name.data(),
                                  O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, private_file));
    if (!lock.is_open()) return system_failure(path, "open");
    if (::flock(lock.get(), LOCK_EX | LOCK_NB) != 0) {
        if (errno != EWOULDBLOCK) return system_failure(path, "lock");
        return base::denied("another imdsd" + holder(lock.get()) + " is using " + directory);
    }
    const std::string id = std::to_string(::getpid()) + "\n";
    if (::ftruncate(lock.get(), 0) != 0 ||
        ::pwrite(lock.get(), id.data(), id.size(), 0) != ssize_t(id.size()))
        return system_failure(path, "write");
    return lock;
}

}  // namespace

state_directory::state_directory(std::string path, file_descriptor lock)
    : path_(std::move(path)), lock_(std::move(lock)) {}

base::result<state_directory> state_directory::open(const std::string& given) {
    std::string path = given;
    while (path.size() > 1 && path.back() == '/')
        path.pop_back();
    if (path.empty()) return base::invalid("the state directory has no name");
    if (const auto made = make_with_parents(path); !made) return made.error();
    const file_descriptor directory(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!directory.is_open()) return system_failure(path, "open the directory");
    if (const auto checked = check_ownership(path, directory.get()); !checked)
        return checked.error();
    auto lock = take_lock(path, directory.get());
    if (!lock) return lock.error();
    remove_unfinished(path);
    return state_directory(std::move(path), std::move(*lock));
}

}  // namespace host
