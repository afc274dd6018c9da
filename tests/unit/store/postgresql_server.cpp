#include "unit/store/postgresql_server.hpp"

#include <algorithm>
#include <csignal>
#include <fcntl.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

#include "store/postgresql_connection.hpp"

namespace store_test {
namespace {

using namespace std::chrono_literals;

/// The folder of initdb and postgres, of the newest version; empty: none.
std::string find_programs() {
    std::vector<std::pair<int, std::string>> found;
    std::error_code none;
    for (const auto& version : std::filesystem::directory_iterator("/usr/lib/postgresql", none)) {
        const auto programs = version.path() / "bin";
        if (std::filesystem::exists(programs / "initdb") &&
            std::filesystem::exists(programs / "postgres")) {
            found.emplace_back(std::atoi(version.path().filename().c_str()), programs.string());
        }
    }
    if (!found.empty()) return std::max_element(found.begin(), found.end())->second;
    return std::filesystem::exists("/usr/bin/initdb") ? "/usr/bin" : "";
}

void wait_for_end(pid_t process, const char* what) {
    int status = 0;
    while (::waitpid(process, &status, 0) < 0 && errno == EINTR) {
    }
    if (status != 0) throw std::runtime_error(std::string(what) + " failed");
}

}  // namespace

postgresql_server* postgresql_server::shared() {
    static const std::string programs = find_programs();
    if (programs.empty()) return nullptr;
    static postgresql_server server(programs);
    return &server;
}

postgresql_server::postgresql_server(const std::string& programs) : programs_(programs) {
    ::mkdir(socket_folder().c_str(), 0700);
    std::ofstream(directory_ / "password") << password().reveal() << "\n";
    if (::geteuid() == 0) {
        const passwd* user = ::getpwnam("postgres");
        if (!user) user = ::getpwnam("nobody");
        if (!user) throw std::runtime_error("no user that PostgreSQL can run as");
        user_ = user->pw_uid;
        group_ = user->pw_gid;
        for (const auto& path : {directory_.path(), socket_folder(), directory_ / "password"}) {
            if (::chown(path.c_str(), user_, group_) != 0) throw std::runtime_error("chown");
        }
    }
    wait_for_end(run({programs_ + "/initdb", "-D", directory_ / "d", "-U", "imdsd", "-A",
                      "scram-sha-256", "--pwfile", directory_ / "password", "-E", "UTF8",
                      "--locale=C", "--no-sync", "--no-instructions"},
                     "initdb.log"),
                 "initdb");
    start();
}

postgresql_server::~postgresql_server() {
    stop(SIGQUIT);
}

pid_t postgresql_server::run(const std::vector<std::string>& command,
                             const std::string& output) const {
    std::vector<char*> words;
    for (const std::string& word : command)
        words.push_back(const_cast<char*>(word.c_str()));
    words.push_back(nullptr);
    const std::string log = directory_ / output;
    const pid_t parent = ::getpid();
    const pid_t process = ::fork();
    if (process != 0) return process;
    if (user_ != 0 && (::setgid(group_) != 0 || ::setuid(user_) != 0)) ::_exit(126);
    // After the change of user, which clears it.
    ::prctl(PR_SET_PDEATHSIG, SIGQUIT);
    if (::getppid() != parent) ::_exit(126);
    const int fd = ::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
    ::dup2(fd, STDOUT_FILENO);
    ::dup2(fd, STDERR_FILENO);
    if (::chdir("/") != 0) ::_exit(126);
    ::execv(words[0], words.data());
    ::_exit(127);
}

void postgresql_server::start() {
    server_ = run({programs_ + "/postgres", "-D", directory_ / "d", "-k", socket_folder(), "-c",
                   "listen_addresses=", "-c", "unix_socket_permissions=0777"},
                  "server.log");
    const auto options = this->options("public");
    const auto target =
        store::postgresql_target::make(options.connection, options.password, options.limits)
            .value();
    const auto give_up = std::chrono::steady_clock::now() + 40s;
    for (;;) {
        auto opened = store::postgresql_connection::open(target, options.limits);
        if (opened.has_value()) return;
        if (std::chrono::steady_clock::now() > give_up) {
            throw std::runtime_error(opened.error().message + "\n" +
                                     get_file(directory_ / "server.log"));
        }
        std::this_thread::sleep_for(20ms);
    }
}

void postgresql_server::stop(int signal) {
    if (server_ <= 0) return;
    ::kill(server_, signal);
    ::waitpid(server_, nullptr, 0);
    server_ = -1;
}

void postgresql_server::kill_and_start() {
    stop(SIGQUIT);
    start();
}

store::postgresql_options postgresql_server::options(const std::string& space,
                                                     const std::string& folder) const {
    store::postgresql_options options;
    options.connection = "host=" + (folder.empty() ? socket_folder() : folder) +
                         " user=imdsd dbname=postgres options='-c search_path=" + space + "'";
    options.password = password();
    return options;
}

std::string postgresql_server::new_space() {
    const std::string space = "test" + std::to_string(++spaces_);
    execute("public", {"CREATE SCHEMA " + space});
    return space;
}

void postgresql_server::execute(const std::string& space,
                                const std::vector<std::string>& statements) {
    const auto chosen = options(space);
    const auto target =
        store::postgresql_target::make(chosen.connection, chosen.password, chosen.limits).value();
    auto connection = store::postgresql_connection::open(target, chosen.limits).value();
    for (const std::string& statement : statements)
        connection.run(statement.c_str()).value();
}

std::unique_ptr<store::database> open_now(store::postgresql_options options,
                                          const base::clock& clock, base::random& random) {
    auto opened = store::open_postgresql(std::move(options), clock, random);
    if (opened.has_error()) throw std::runtime_error(opened.error().message);
    return std::move(*opened);
}

}  // namespace store_test
