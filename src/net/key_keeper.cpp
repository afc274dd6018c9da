#include "net/key_keeper.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <exception>
#include <fcntl.h>
#include <system_error>
#include <unistd.h>

#include "base/secret.hpp"
#include "net/http_client.hpp"
#include "net/quiet_thread.hpp"

namespace net {

namespace {

constexpr std::size_t most_bearer_bytes = 16 * 1024;
/// The clock is looked at this often at least: it counts while the machine sleeps, the wait does
/// not.
constexpr base::milliseconds longest_wait{30'000};

base::error unreadable(const std::string& path, int number) {
    return base::unavailable("cannot read " + path + ": " +
                             std::generic_category().message(number));
}

class descriptor {
public:
    explicit descriptor(int fd) : fd_(fd) {}
    ~descriptor() {
        if (fd_ >= 0) ::close(fd_);
    }
    descriptor(const descriptor&) = delete;
    descriptor& operator=(const descriptor&) = delete;
    int get() const { return fd_; }

private:
    int fd_;
};

base::result<std::string> read_file(const std::string& path, std::size_t limit) {
    // Not to hang on a FIFO.
    const descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
    if (file.get() < 0) return unreadable(path, errno);
    std::string content;
    content.reserve(limit + 1);
    std::array<char, 4096> block;
    while (content.size() <= limit) {
        const ssize_t got = ::read(file.get(), block.data(), block.size());
        if (got == 0) break;
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return unreadable(path, errno);
        content.append(block.data(), std::size_t(got));
    }
    base::wipe(block.data(), block.size());
    if (content.size() > limit)
        return base::exhausted(path + " is longer than " + std::to_string(limit) + " bytes");
    return content;
}

/// A token file as clusters write it: one line, with or without its end.
base::result<base::secret> read_bearer(const std::string& path) {
    auto text = read_file(path, most_bearer_bytes);
    if (!text) return text.error();
    std::string_view line = *text;
    if (line.ends_with('\n')) line.remove_suffix(1);
    base::secret bearer(line);
    base::wipe(text->data(), text->size());
    if (bearer.empty()) return base::unavailable(path + " is empty");
    return bearer;
}

}  // namespace

key_fetch keys_from_url(http::url from, std::string ca_file, std::string bearer_file,
                        const base::clock& clock) {
    return
        [from = std::move(from), ca_file = std::move(ca_file), bearer_file = std::move(bearer_file),
         &clock](const std::function<bool()>& cancelled) -> base::result<std::string> {
            client_options options;
            options.ca_file = ca_file;
            options.body_bytes = jose::most_key_set_bytes;
            options.cancelled = cancelled;
            base::secret bearer;
            if (!bearer_file.empty()) {
                auto read = read_bearer(bearer_file);
                if (!read) return read.error();
                bearer = std::move(*read);
            }
            auto answer = get(from, bearer.empty() ? nullptr : &bearer, options, clock);
            if (!answer) return answer.error();
            if (answer->status != 200) {
                return base::unavailable(from.authority() + ": status " +
                                         std::to_string(answer->status));
            }
            return std::move(answer->body);
        };
}

key_fetch keys_from_file(std::string path) {
    return [path = std::move(path)](const std::function<bool()>&) {
        return read_file(path, jose::most_key_set_bytes);
    };
}

key_keeper::key_keeper(key_fetch fetch, jose::refresh_rules rules, const base::clock& clock,
                       std::function<void()> changed)
    : fetch_(std::move(fetch)), clock_(clock), changed_(std::move(changed)), plan_(rules) {
    thread_ = quiet_thread([this] { run(); });
}

key_keeper::~key_keeper() {
    stop();
}

void key_keeper::stop() {
    {
        const std::lock_guard lock(guard_);
        stopping_ = true;
    }
    news_.notify_all();
    if (thread_.joinable()) thread_.join();
}

key_keeper::state key_keeper::current() const {
    const std::lock_guard lock(guard_);
    return state_;
}

std::shared_ptr<const jose::jwk_set> key_keeper::keys() const {
    const std::lock_guard lock(guard_);
    return state_.keys;
}

bool key_keeper::ask() {
    bool granted = false;
    {
        const std::lock_guard lock(guard_);
        granted = !stopping_ && plan_.ask(clock_.boot_now());
    }
    if (granted) news_.notify_all();
    return granted;
}

void key_keeper::reload() {
    {
        const std::lock_guard lock(guard_);
        plan_.restart();
    }
    news_.notify_all();
}

void key_keeper::wake() {
    // Under the lock, or the notice could fall between the thread's look at the clock and its wait.
    const std::lock_guard lock(guard_);
    news_.notify_all();
}

void key_keeper::run() {
    std::unique_lock lock(guard_);
    while (!stopping_) {
        const base::boot_time now = clock_.boot_now();
        if (plan_.due(now)) {
            read(lock);
        } else if (plan_.give_up(now)) {
            state_.keys = nullptr;
            lock.unlock();
            changed_();
            lock.lock();
        } else {
            const base::boot_time next = plan_.next();
            const auto left =
                next > now + longest_wait ? longest_wait : base::milliseconds(next - now);
            news_.wait_for(lock, std::max(left, base::milliseconds(1)));
        }
    }
}

/// Also what is thrown (no memory, no thread) is a read that went wrong, and no more.
base::result<jose::jwk_set> key_keeper::fetch_set() {
    try {
        const auto text = fetch_([this] { return stopping_.load(); });
        if (!text) return text.error();
        return jose::read_jwk_set(*text);
    } catch (const std::exception& problem) {
        return base::internal(problem.what());
    }
}

void key_keeper::read(std::unique_lock<std::mutex>& lock) {
    plan_.begin(clock_.boot_now());
    lock.unlock();
    auto set = fetch_set();
    lock.lock();
    if (stopping_) return;
    plan_.end(set.has_value(), clock_.boot_now());
    ++state_.reads;
    if (set) {
        state_.keys = std::make_shared<const jose::jwk_set>(std::move(*set));
        state_.failure.clear();
    } else {
        state_.failure = set.error().message;
    }
    lock.unlock();
    changed_();
    lock.lock();
}

}  // namespace net
