#include "workload/container_engine.hpp"

#include <algorithm>
#include <condition_variable>
#include <exception>
#include <fstream>
#include <mutex>
#include <thread>
#include <unordered_map>

#include "encoding/json.hpp"
#include "encoding/percent.hpp"
#include "net/local_client.hpp"
#include "net/quiet_thread.hpp"
#include "workload/bounded_cache.hpp"
#include "workload/fair_queue.hpp"

namespace workload {

namespace {

namespace engine = container::engine;

constexpr unsigned not_there = 404;

/// The cgroup2 line of /proc/PID/cgroup: "0::/path".
std::optional<std::string> cgroup2_of(std::int64_t pid) {
    std::ifstream file("/proc/" + std::to_string(pid) + "/cgroup");
    for (std::string line; std::getline(file, line);) {
        if (line.rfind("0::", 0) == 0) return line.substr(3);
    }
    return std::nullopt;
}

/// Who waits for an answer that is on its way: whoever asks the same meanwhile gets the same
/// answer, so that one caller who asks again and again does not fill the queue.
template <class Answer>
class under_way {
public:
    using receiver = std::function<void(const Answer&)>;

    /// True: nobody has asked yet, and the answer must be brought.
    bool join(const std::string& question, receiver done) {
        const std::lock_guard lock(mutex_);
        std::vector<receiver>& all = waiting_[question];
        all.push_back(std::move(done));
        return all.size() == 1;
    }
    void bring(const std::string& question, const Answer& answer) {
        std::vector<receiver> all;
        {
            const std::lock_guard lock(mutex_);
            const auto at = waiting_.find(question);
            if (at == waiting_.end()) return;
            all = std::move(at->second);
            waiting_.erase(at);
        }
        for (const receiver& done : all)
            done(answer);
    }

private:
    std::mutex mutex_;
    std::unordered_map<std::string, std::vector<receiver>> waiting_;
};

/// What tells one query from another; NUL is in neither part.
std::string question_of(const container_query& who) {
    return (who.cgroup ? "c" + *who.cgroup : "") + '\0' + (who.address ? who.address->text() : "");
}

/// The engine over any transport: caches, limits and threads.
class threaded_engine final : public container_engine {
public:
    threaded_engine(engine_call call, cgroup_of_process cgroup, container_engine_options options,
                    const base::clock& clock)
        : call_(std::move(call)),
          cgroup_(std::move(cgroup)),
          options_(std::move(options)),
          clock_(clock),
          inspected_(options_.remembered),
          lists_(options_.remembered),
          measured_(options_.remembered),
          waiting_(options_.waiting, options_.waiting_of_one) {
        for (std::size_t i = 0; i < std::max<std::size_t>(1, options_.threads); ++i)
            threads_.push_back(net::quiet_thread([this] { run(); }));
    }

    ~threaded_engine() override {
        {
            const std::lock_guard lock(mutex_);
            stop_ = true;
        }
        changed_.notify_all();
        for (std::thread& one : threads_)
            one.join();
        while (auto left = waiting_.pop())
            left->give_up();
    }

    void find(container_query who,
              std::function<void(std::shared_ptr<const found_containers>)> done) override {
        const std::string question = question_of(who);
        if (!found_.join(question, std::move(done))) return;
        const std::string asker = who.asker;
        job work;
        work.carry_out = [this, who = std::move(who), question] {
            found_.bring(question, std::make_shared<const found_containers>(look_for(who)));
        };
        work.give_up = [this, question] {
            found_containers failed;
            failed.what = found_containers::outcome::failed;
            found_.bring(question, std::make_shared<const found_containers>(std::move(failed)));
        };
        enqueue(asker, std::move(work));
    }

    void measure(std::string asker, std::vector<std::string> ids,
                 std::function<void(std::shared_ptr<const container::statistics>)> done) override {
        if (ids.size() > options_.containers_of_task) ids.resize(options_.containers_of_task);
        if (ids.empty()) return done(nullptr);
        // Each is a job of its own: the engine may take a second for each. The last one answers.
        struct gathered {
            std::mutex mutex;
            std::size_t left;
            container::statistics found;
        };
        auto all = std::make_shared<gathered>();
        all->left = ids.size();
        const auto add = [all, done](const std::string& id,
                                     const std::optional<std::string>& document) {
            std::shared_ptr<const container::statistics> complete;
            bool last = false;
            {
                const std::lock_guard lock(all->mutex);
                if (document) all->found.emplace_back(id, *document);
                last = --all->left == 0;
                if (last && !all->found.empty()) {
                    std::sort(all->found.begin(), all->found.end());
                    complete = std::make_shared<const container::statistics>(std::move(all->found));
                }
            }
            if (last) done(std::move(complete));
        };
        for (const std::string& id : ids) {
            const auto brought = [id, add](const std::optional<std::string>& document) {
                add(id, document);
            };
            if (!figures_.join(id, brought)) continue;
            job work;
            work.carry_out = [this, id] { figures_.bring(id, statistics_of(id)); };
            work.give_up = [this, id] { figures_.bring(id, std::nullopt); };
            enqueue(asker, std::move(work));
        }
    }

private:
    struct job {
        std::function<void()> carry_out;
        std::function<void()> give_up;
    };
    template <class Value>
    struct known {
        Value value;
        base::boot_time until;
    };
    /// Absent inside: there is no such container.
    using inspection = std::shared_ptr<const std::optional<engine::inspected>>;
    using listing = std::shared_ptr<const std::vector<engine::listed>>;

    void enqueue(const std::string& asker, job work) {
        {
            const std::lock_guard lock(mutex_);
            if (!stop_ && waiting_.push(asker, work)) {
                changed_.notify_one();
                return;
            }
        }
        work.give_up();
    }

    void run() {
        for (;;) {
            job work;
            {
                std::unique_lock lock(mutex_);
                changed_.wait(lock, [this] { return stop_ || !waiting_.empty(); });
                if (stop_) return;
                work = std::move(*waiting_.pop());
            }
            try {
                work.carry_out();
            } catch (const std::exception&) {
                // No memory: one question has no answer.
                work.give_up();
            }
        }
    }

    template <class Value>
    std::optional<Value> remembered(bounded_cache<std::string, known<Value>>& cache,
                                    const std::string& key) {
        const std::lock_guard lock(mutex_);
        const known<Value>* there = cache.find(key);
        if (!there || clock_.boot_now() >= there->until) return std::nullopt;
        return there->value;
    }

    template <class Value>
    void remember(bounded_cache<std::string, known<Value>>& cache, const std::string& key,
                  Value value, base::milliseconds life) {
        const std::lock_guard lock(mutex_);
        cache.put(key, {std::move(value), clock_.boot_now() + life});
    }

    /// A question may be many calls: those that the end would wait for are not begun.
    base::result<engine_answer> call(const std::string& target) {
        {
            const std::lock_guard lock(mutex_);
            if (stop_) return base::unavailable("stopping");
        }
        return call_(target);
    }

    /// Null: the engine failed.
    inspection inspect(const std::string& id) {
        if (const auto there = remembered(inspected_, id)) return *there;
        const auto answer = call("/containers/" + id + "/json");
        if (!answer) return nullptr;
        auto result = std::make_shared<std::optional<engine::inspected>>();
        if (answer->status == 200) {
            auto read = engine::read_inspect(answer->body);
            if (!read) return nullptr;
            *result = std::move(*read);
        } else if (answer->status != not_there) {
            return nullptr;
        }
        inspection settled = std::move(result);
        remember(inspected_, id, settled, options_.inspect_life);
        return settled;
    }

    /// `filter`: "label=value"; empty: all running containers. Null: the engine failed.
    listing list(const std::string& filter) {
        if (const auto there = remembered(lists_, filter)) return *there;
        std::string target = "/containers/json";
        if (!filter.empty()) {
            const std::string filters = "{\"label\":[" + encoding::json_quoted(filter) + "]}";
            target += "?filters=" + encoding::percent_encode(filters);
        }
        const auto answer = call(target);
        if (!answer || answer->status != 200) return nullptr;
        auto read = engine::read_list(answer->body);
        if (!read) return nullptr;
        listing settled = std::make_shared<const std::vector<engine::listed>>(std::move(*read));
        remember(lists_, filter, settled, options_.list_life);
        return settled;
    }

    std::optional<std::string> statistics_of(const std::string& id) {
        if (const auto there = remembered(measured_, id)) return *there;
        const auto answer = call("/containers/" + id + "/stats?stream=false");
        if (!answer || answer->status != 200) return std::nullopt;
        auto read = engine::read_statistics(answer->body);
        if (!read) return std::nullopt;
        remember(measured_, id, *read, options_.statistics_life);
        return std::move(*read);
    }

    found_containers look_for(const container_query& who) {
        found_containers found;
        found.what = found_containers::outcome::failed;
        container::cgroup_container claimed;
        if (who.cgroup) claimed = container::container_of_cgroup(*who.cgroup);
        found.own = claimed.id;
        if (found.own.empty() && who.address) {
            const listing all = list({});
            if (!all) return found;
            found.own = holder_of(*who.address, *all);
        }
        if (found.own.empty()) {
            found.what = found_containers::outcome::none;
            return found;
        }
        const inspection own = inspect(found.own);
        if (!own) return found;
        if (!*own || (!claimed.id.empty() && !holds((**own).pid, claimed))) {
            found.what = found_containers::outcome::none;
            return found;
        }
        found.containers.push_back(**own);
        if (!add_companions(found)) {
            found.containers.clear();
            return found;
        }
        found.what = found_containers::outcome::found;
        return found;
    }

    /// True when the process is in the cgroup that is said to be its container's.
    bool holds(std::int64_t pid, const container::cgroup_container& claimed) const {
        if (pid <= 0) return false;
        const auto path = cgroup_(pid);
        return path && container::container_of_cgroup(*path).path == claimed.path;
    }

    /// The container that has the address. Of containers that share one network the owner of the
    /// network is named: they cannot be told apart from outside. Empty when nobody has it, or
    /// containers that have nothing to do with each other claim it.
    std::string holder_of(const base::ip_address& address, const std::vector<engine::listed>& all) {
        std::vector<std::string> holders;
        for (const engine::listed& one : all) {
            const bool has = std::find(one.addresses.begin(), one.addresses.end(), address) !=
                             one.addresses.end();
            if (has && holders.size() < options_.containers_of_task) holders.push_back(one.id);
        }
        if (holders.size() < 2) return holders.empty() ? std::string() : holders.front();
        std::string owner;
        for (const std::string& id : holders) {
            const inspection one = inspect(id);
            if (!one || !*one) return {};
            const std::string network = network_of(**one);
            if (!owner.empty() && network != owner) return {};
            owner = network;
        }
        return owner;
    }

    /// The other containers of the caller's task. False: the engine failed.
    bool add_companions(found_containers& found) {
        const std::string project = found.containers.front().compose_project;
        const std::string network = network_of(found.containers.front());
        // Docker's label; Podman's own compose sets both.
        const listing all =
            list(project.empty() ? std::string() : "com.docker.compose.project=" + project);
        if (!all) return false;
        std::size_t looked_at = 0;
        for (const engine::listed& one : *all) {
            if (one.id == found.own) continue;
            if (found.containers.size() >= options_.containers_of_task ||
                looked_at++ >= options_.inspected_for_network) {
                break;
            }
            const inspection other = inspect(one.id);
            if (!other) return false;
            // It may have ended since it was listed.
            if (!*other) continue;
            const bool together = project.empty() ? network_of(**other) == network
                                                  : (**other).compose_project == project;
            if (together) found.containers.push_back(**other);
        }
        return true;
    }

    static std::string network_of(const engine::inspected& one) {
        return one.network_owner.empty() ? one.facts.docker_id : one.network_owner;
    }

    const engine_call call_;
    const cgroup_of_process cgroup_;
    const container_engine_options options_;
    const base::clock& clock_;

    under_way<std::shared_ptr<const found_containers>> found_;
    under_way<std::optional<std::string>> figures_;

    std::mutex mutex_;  // guards everything down to stop_
    bounded_cache<std::string, known<inspection>> inspected_;
    bounded_cache<std::string, known<listing>> lists_;
    bounded_cache<std::string, known<std::string>> measured_;
    fair_queue<job> waiting_;
    bool stop_ = false;

    std::condition_variable changed_;
    std::vector<std::thread> threads_;  // last: they use all of the above
};

}  // namespace

std::unique_ptr<container_engine> make_container_engine(engine_call call, cgroup_of_process cgroup,
                                                        container_engine_options options,
                                                        const base::clock& clock) {
    return std::make_unique<threaded_engine>(std::move(call), std::move(cgroup), std::move(options),
                                             clock);
}

std::unique_ptr<container_engine> make_container_engine(container_engine_options options,
                                                        const base::clock& clock) {
    net::local_client_options to;
    to.socket = options.socket;
    to.server = "the container engine";
    to.time = options.call_time;
    to.body_bytes = engine::largest_document;
    engine_call call = [to, &clock](const std::string& target) -> base::result<engine_answer> {
        auto answer = net::call_local(to, clock, "GET", target);
        if (!answer) return answer.error();
        return engine_answer{answer->status, std::move(answer->body)};
    };
    return make_container_engine(std::move(call), cgroup2_of, std::move(options), clock);
}

}  // namespace workload
