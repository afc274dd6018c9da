// A service in C++ that asks the issuer: who signed this request, and may they do that?
// usage: service HOST PORT ACTION RESOURCE < REQUEST   (credentials: SERVICE_KEY_ID,
// SERVICE_SECRET) prints: STATUS CODE, then ARN and DECISION
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <imdsd/verifier.hpp>
#include <netdb.h>
#include <string>
#include <sys/socket.h>
#include <unistd.h>

#include "frame.h"

namespace {

struct answer {
    int status = 0;
    std::string body;
};

/// Plain HTTP, for a loopback address. Anywhere else this has to be HTTPS: the answer holds a key.
answer post(const char* host, const char* port, const imdsd::call& call) {
    addrinfo* found = nullptr;
    if (getaddrinfo(host, port, nullptr, &found) != 0) return {};
    const int fd = socket(found->ai_family, SOCK_STREAM, 0);
    const bool connected = connect(fd, found->ai_addr, found->ai_addrlen) == 0;
    freeaddrinfo(found);
    std::string text = "POST / HTTP/1.1\r\nConnection: close\r\n";
    for (size_t i = 0; i < imdsd_call_header_count(call.get()); ++i) {
        const imdsd_header* header = imdsd_call_header(call.get(), i);
        text.append(imdsd::view(header->name)).append(": ");
        text.append(imdsd::view(header->value)).append("\r\n");
    }
    const std::string_view body = imdsd::view(imdsd_call_body(call.get()));
    text.append("Content-Length: " + std::to_string(body.size()) + "\r\n\r\n").append(body);
    if (!connected || write(fd, text.data(), text.size()) != ssize_t(text.size())) return {};
    std::string got;
    char buffer[4096];
    for (ssize_t size; (size = read(fd, buffer, sizeof buffer)) > 0;)
        got.append(buffer, size_t(size));
    close(fd);
    const auto end = got.find("\r\n\r\n");
    if (got.size() < 12 || end == std::string::npos) return {};
    return {std::atoi(got.c_str() + 9), got.substr(end + 4)};
}

int report(imdsd_status status, const imdsd_error& error) {
    std::printf("%d %s\n", int(status), error.code);
    std::fprintf(stderr, "%s: %s\n", imdsd_status_text(status), error.message);
    return status == IMDSD_OK ? 0 : 1;
}

}  // namespace

int main(int, char** arguments) {
    frame in{};
    if (!read_frame(&in)) return 2;

    imdsd_verifier_options options{};
    options.service = in.service;
    const auto verifier = imdsd::make_verifier(options);
    if (!verifier) return report(verifier.status, verifier.error);
    const auto claim = imdsd::read_claim(verifier.value, in.request, in.now);
    if (!claim) return report(claim.status, claim.error);

    const std::string host = std::string(arguments[1]) + ":" + arguments[2];
    const char* address[] = {"192.0.2.7"};
    const imdsd_context_entry context[] = {{"aws:SourceIp", "ip", address, 1}};
    imdsd_call_options asked{};
    asked.host = host.c_str();
    asked.access_key_id = std::getenv("SERVICE_KEY_ID");
    asked.secret_access_key = std::getenv("SERVICE_SECRET");
    asked.action = arguments[3];
    asked.resource = arguments[4];
    asked.context = context;
    asked.context_count = 1;
    const auto call = imdsd::make_call(claim.value, asked, in.now);
    if (!call) return report(call.status, call.error);

    const answer got = post(arguments[1], arguments[2], call.value);
    const auto grant = imdsd::read_grant(claim.value, got.status, got.body, in.now);
    if (!grant) return report(grant.status, grant.error);
    imdsd_error error{};
    const auto status = imdsd::check(verifier.value, in.request, grant.value, in.now, &error);
    if (status != IMDSD_OK) return report(status, error);
    std::printf("0 \n%.*s %d\n", int(imdsd_grant_arn(grant.value.get()).size),
                imdsd_grant_arn(grant.value.get()).data,
                int(imdsd_grant_decision(grant.value.get())));
    free_frame(&in);
    return 0;
}
