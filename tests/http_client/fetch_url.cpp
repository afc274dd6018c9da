// Prints what the HTTP client makes of a URL: "200 <size> <body>" or "<kind>: <message>".
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <string>

#include "http/url.hpp"
#include "net/http_client.hpp"

namespace {

struct system_time final : base::clock {
    static base::milliseconds of(clockid_t id) {
        timespec t{};
        ::clock_gettime(id, &t);
        return base::milliseconds(t.tv_sec * 1000 + t.tv_nsec / 1'000'000);
    }
    base::wall_time now() const override { return base::wall_time(of(CLOCK_REALTIME)); }
    base::boot_time boot_now() const override { return base::boot_time(of(CLOCK_BOOTTIME)); }
};

}  // namespace

int main(int count, char** words) {
    net::client_options options;
    base::secret bearer;
    for (int i = 2; i + 1 < count; i += 2) {
        const std::string name = words[i];
        const std::string value = words[i + 1];
        if (name == "--ca") {
            options.ca_file = value;
        } else if (name == "--bearer") {
            bearer = base::secret(value);
        } else if (name == "--time") {
            options.time = base::milliseconds(std::atoi(value.c_str()));
        } else if (name == "--body") {
            options.body_bytes = std::size_t(std::atoi(value.c_str()));
        } else if (name == "--cancel-after") {
            options.cancelled = [calls = std::atoi(value.c_str())]() mutable {
                return --calls < 0;
            };
        } else {
            return 2;
        }
    }
    const auto url = http::parse_url(count > 1 ? words[1] : "");
    if (!url) {
        std::printf("%s: %s\n", base::to_string(url.error().kind), url.error().message.c_str());
        return 1;
    }
    const auto answer = net::get(*url, bearer.empty() ? nullptr : &bearer, options, system_time());
    if (!answer) {
        std::printf("%s: %s\n", base::to_string(answer.error().kind),
                    answer.error().message.c_str());
        return 1;
    }
    std::printf("%u %zu %s\n", answer->status, answer->body.size(),
                answer->body.substr(0, 200).c_str());
    return 0;
}
