// What the policy engine does in a second on one core:
//   policy_bench [seconds]
// prints decisions over 1, 10 and 100 statements (all must be looked at: the last one grants), what
// each allocates, and how long parsing takes.
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <new>
#include <string>

#include "policy/authorize.hpp"

namespace {

std::size_t allocations = 0;

void require(bool holds, const char* what) {
    if (holds) return;
    std::fprintf(stderr, "policy_bench: %s\n", what);
    std::exit(1);
}

std::string identity_text(int statements) {
    std::string text = R"({"Version":"2012-10-17","Statement":[)";
    for (int i = 0; i + 1 < statements; ++i)
        text += R"({"Effect":"Allow","Action":["s3:Get*","s3:List*"],
                    "Resource":"arn:aws:s3:::team-)" +
                std::to_string(i) + R"(/${aws:PrincipalTag/team}/*",
                    "Condition":{"StringEquals":{"aws:PrincipalTag/team":"red"}}},)";
    return text + R"({"Effect":"Allow","Action":"s3:GetObject",
        "Resource":"arn:aws:s3:::logs/${aws:username}/*",
        "Condition":{"IpAddress":{"aws:SourceIp":["192.0.2.0/24","10.0.0.0/8"]},
                     "Bool":{"aws:SecureTransport":"true"},
                     "DateGreaterThan":{"aws:CurrentTime":"2020-01-01T00:00:00Z"}}}]})";
}

template <class Work>
void measure(const char* name, int statements, double seconds, Work work) {
    using steady = std::chrono::steady_clock;
    work();
    const std::size_t before = allocations;
    work();
    const std::size_t each = allocations - before;
    const auto start = steady::now();
    std::size_t count = 0;
    double passed = 0;
    while (passed < seconds) {
        for (int i = 0; i < 100; ++i)
            work();
        count += 100;
        passed = std::chrono::duration<double>(steady::now() - start).count();
    }
    std::printf("%s over %d statements  %.0f per second, %.0f ns, %zu allocations\n", name,
                statements, double(count) / passed, passed / double(count) * 1e9, each);
}

}  // namespace

void* operator new(std::size_t size) {
    ++allocations;
    void* memory = std::malloc(size);
    if (memory == nullptr) std::abort();
    return memory;
}
void operator delete(void* memory) noexcept {
    std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
    std::free(memory);
}

int main(int argc, char** argv) {
    const double seconds = argc > 1 ? std::atof(argv[1]) : 1.0;
    policy::principal alice;
    alice.kind = policy::principal::type::user;
    alice.account = "123456789012";
    alice.arn = "arn:aws:iam::123456789012:user/alice";
    alice.unique_id = "AIDAALICEALICEALICE12";
    policy::context facts;
    facts.set("aws:CurrentTime", "2026-11-22T08:09:10Z");
    facts.set("aws:EpochTime", "1795334950");
    facts.set("aws:SourceIp", "10.0.0.9");
    facts.set("aws:SecureTransport", "true");
    facts.set("aws:UserAgent", "policy_bench");
    facts.set("aws:RequestedRegion", "us-east-1");
    facts.set("aws:PrincipalType", "User");
    facts.set("aws:PrincipalArn", alice.arn);
    facts.set("aws:PrincipalAccount", alice.account);
    facts.set("aws:userid", alice.unique_id);
    facts.set("aws:username", "alice");
    facts.set("aws:PrincipalTag/team", "red");

    const auto trust =
        policy::document::parse(R"({"Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*",
            "Principal":{"AWS":"arn:aws:iam::123456789012:root"}}})",
                                policy::document_kind::resource)
            .value();
    for (const int statements : {1, 10, 100}) {
        const std::string text = identity_text(statements);
        // 100 statements are longer than IAM takes: several policies then, as in real life.
        std::vector<policy::document> documents;
        for (int left = statements; left > 0; left -= 20)
            documents.push_back(policy::document::parse(identity_text(left > 20 ? 20 : left),
                                                        policy::document_kind::identity)
                                    .value());
        std::vector<policy::attached> attached;
        for (const policy::document& one : documents)
            attached.push_back({"p", &one});
        policy::question q{"s3:GetObject", "arn:aws:s3:::logs/alice/x", alice.account, alice,
                           facts};
        q.identity = attached;
        q.resource_policy = policy::attached{{}, &trust};
        measure("decision", statements, seconds,
                [&] { require(policy::authorize(q).allowed(), "not allowed"); });
        q.resource = "arn:aws:s3:::logs/bob/x";
        measure("denial", statements, seconds,
                [&] { require(!policy::authorize(q).allowed(), "allowed"); });
        if (text.size() < policy::identity_policy_characters)
            measure("parse", statements, seconds, [&] {
                require(policy::document::parse(text, policy::document_kind::identity).has_value(),
                        "does not parse");
            });
    }
    return 0;
}
