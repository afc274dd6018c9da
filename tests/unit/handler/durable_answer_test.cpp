#include <atomic>
#include <future>
#include <thread>

#include <boost/asio/io_context.hpp>

#include "handler/sts_service.hpp"
#include "unit/audit/scripted_output.hpp"
#include "unit/handler/stand_ins.hpp"
#include "unit/net/server_fixture.hpp"
#include "unit/sts/fixture.hpp"

using audit_test::script;
using mood = audit_test::script::mood;
using namespace std::chrono_literals;

namespace {

const std::string iam_call = "Action=ListUsers&Version=2010-05-08";

/// An issuer with its network face on a thread, and an audit log that does as it is told.
class face {
public:
    explicit face(audit::options log = {}, handler::blocking_pool::options threads = {}) {
        role_ =
            b_.add_role(fixture::account_a, "app",
                        fixture::trust(R"({"AWS":"123456789012","Service":"ec2.amazonaws.com"})"));
        alice_ = b_.add_user(fixture::account_a, "alice", {fixture::allow_all});
        log.first_retry = log.longest_retry = 1ms;
        log.closing_time = 50ms;
        journal_ =
            audit::journal::write_to(std::make_unique<audit_test::scripted_output>(by), log, "h");
        issuer_.emplace(b_.options, b_.store, b_.ring, b_.clock, b_.random,
                        sts::audit_port{[this](audit_record::record r) {
                                            return journal_->record(std::move(r));
                                        },
                                        [this](sts::audit_ticket t) { return journal_->wait(t); }});
        pool_.emplace(threads);
        service_.emplace(handler::sts_service::parts{*issuer_, &*journal_, &*pool_},
                         std::make_unique<handler_test::fixed_inspector>());
        worker_.emplace(context_, b_.clock, net::session_limits{});
        const auto fd = net::listen_tcp({"127.0.0.1", 0, "", false});
        port = *net::local_port(*fd);
        worker_->listen({*fd, "sts", false, &*service_});
        thread_ = std::thread([this] { context_.run(); });
    }
    ~face() {
        by->be(mood::takes);
        stop(0ms);
    }
    void stop(std::chrono::milliseconds grace) {
        if (!thread_.joinable()) return;
        worker_->stop(grace);
        thread_.join();
    }

    std::string assume() { return request(fixture::bench::assume(role_)); }
    std::string identity() { return request(fixture::bench::identity()); }
    std::string unsigned_post(const std::string& body) {
        return "POST / HTTP/1.1\r\nHost: sts.example.test\r\nContent-Type: "
               "application/x-www-form-urlencoded\r\nContent-Length: " +
               std::to_string(body.size()) + "\r\n\r\n" + body;
    }
    audit::journal& journal() { return *journal_; }
    sts::issuer& issuer() { return *issuer_; }
    const std::string& role() const { return role_; }

    const std::shared_ptr<script> by = std::make_shared<script>();
    std::uint16_t port = 0;

private:
    std::string request(const fixture::pairs& fields) {
        const std::string body = fixture::form(fields);
        const std::string now = base::iso8601_basic(b_.clock.now());
        const std::vector<http::field> headers{{"Host", "sts.example.test"}, {"X-Amz-Date", now}};
        http::request made;
        made.method = "POST";
        made.target = "/";
        made.fields = headers;
        made.body = body;
        const auto proof =
            sigv4::authorization(made, {now.substr(0, 8), "us-east-1", "sts"}, now, alice_.id,
                                 alice_.secret, std::vector<std::string>{"host", "x-amz-date"});
        return "POST / HTTP/1.1\r\nHost: sts.example.test\r\nX-Amz-Date: " + now +
               "\r\nAuthorization: " + *proof +
               "\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: " +
               std::to_string(body.size()) + "\r\n\r\n" + body;
    }

    fixture::bench b_;
    std::string role_;
    fixture::key_pair alice_;
    std::unique_ptr<audit::journal> journal_;
    std::optional<sts::issuer> issuer_;
    std::optional<handler::blocking_pool> pool_;
    std::optional<handler::sts_service> service_;
    boost::asio::io_context context_{1};
    std::optional<net::worker> worker_;
    std::thread thread_;
};

bool has(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("Credentials go out when their record is durable, and not before") {
    face f;
    f.by->be(mood::hangs);
    raw_client client(f.port);
    client.send(f.assume());
    f.by->await_writer();
    CHECK_FALSE(client.readable_within(20ms));
    f.by->be(mood::takes);
    const std::string answer = client.read_until("</AssumeRoleResponse>");
    CHECK(has(answer, "HTTP/1.1 200"));
    CHECK(has(f.by->text(), "AssumeRole"));
    // The connection goes on.
    client.send(f.assume() + f.assume());
    CHECK(has(client.read_until("</AssumeRoleResponse>", 2), "HTTP/1.1 200"));
}

TEST_CASE("Credentials whose record is lost are not handed out") {
    face f;
    f.by->be(mood::hangs);
    raw_client client(f.port);
    client.send(f.assume());
    f.by->await_writer();
    f.by->be(mood::fails);
    const std::string answer = client.read_until("</ErrorResponse>");
    CHECK(has(answer, "HTTP/1.1 503"));
    CHECK(has(answer, "<Code>ServiceUnavailable</Code>"));
    CHECK_FALSE(has(answer, "SecretAccessKey"));
    // It recovers by itself.
    f.by->be(mood::takes);
    REQUIRE(f.journal().flush(10s));
    client.send(f.assume());
    CHECK(has(client.read_until("</AssumeRoleResponse>"), "HTTP/1.1 200"));
}

TEST_CASE("What hands out nothing waits for its record and does not depend on it") {
    face f;
    f.by->be(mood::hangs);
    raw_client client(f.port);
    client.send(f.identity());
    f.by->await_writer();
    CHECK_FALSE(client.readable_within(20ms));
    f.by->be(mood::fails);
    CHECK(has(client.read_until("</GetCallerIdentityResponse>"), "HTTP/1.1 200"));
}

TEST_CASE("A sink that hangs is given up") {
    audit::options soon;
    soon.longest_wait = 1ms;
    SECTION("and the call is refused") {
        face f(soon);
        f.by->be(mood::hangs);
        raw_client client(f.port);
        client.send(f.assume());
        CHECK(has(client.read_until("</ErrorResponse>"), "HTTP/1.1 503"));
        sts::assume_role_parameters wanted;
        wanted.role_arn = f.role();
        wanted.role_session_name = "s1";
        const auto own = f.issuer().assume_role_as_service("ec2.amazonaws.com", wanted);
        REQUIRE(own.has_error());
        CHECK(own.error().code == "ServiceUnavailable");
        // What the writer says afterwards finds nobody.
        f.by->be(mood::takes);
        REQUIRE(f.journal().flush(10s));
    }
    SECTION("or, where that is allowed, served") {
        soon.on_failure = audit::options::failure_mode::allow;
        face f(soon);
        f.by->be(mood::hangs);
        raw_client client(f.port);
        client.send(f.assume());
        CHECK(has(client.read_until("</AssumeRoleResponse>"), "HTTP/1.1 200"));
    }
}

TEST_CASE("Clients that leave while their answer is held back leave nothing behind") {
    face f;
    f.by->be(mood::hangs);
    for (int i = 0; i < 20; ++i) {
        raw_client client(f.port);
        client.send(f.assume());
        if (i == 0) f.by->await_writer();
    }
    f.by->be(mood::takes);
    raw_client client(f.port);
    client.send(f.assume());
    CHECK(has(client.read_until("</AssumeRoleResponse>"), "HTTP/1.1 200"));
    f.stop(5s);
}

TEST_CASE("A stop while answers are held back waits for them or gives them up") {
    audit::options soon;
    soon.longest_wait = 50ms;
    face f(soon);
    f.by->be(mood::hangs);
    raw_client client(f.port);
    client.send(f.assume());
    f.by->await_writer();
    f.stop(0ms);  // returns though the sink still hangs
    CHECK_FALSE(has(client.read_to_end(), "SecretAccessKey"));
}

TEST_CASE("Of requests that may wait for a database none is missed") {
    const auto blocks = [](std::string_view target, std::string_view body) {
        http::request request;
        request.method = "POST";
        request.target = target;
        request.body = body;
        return sts::issuer::may_block(request);
    };
    CHECK(blocks("/", iam_call));
    CHECK(blocks("/?Version=2010-05-08", ""));
    CHECK(blocks("/", "Version=2010%2D05%2d08&Action=ListUsers"));
    CHECK(blocks("/", "%56ersion=%32%30%31%30%2D%30%35%2D%30%38"));
    CHECK(blocks("/", "Version=2011-06-15&Version=2010-05-08"));
    CHECK_FALSE(blocks("/", "Version=2011-06-15&Action=AssumeRole"));
    CHECK_FALSE(blocks("/?Version", "Version=&=2010-05-08&X=2010-05-08"));
    CHECK_FALSE(blocks("/", "Version=2010%2-05-08"));
}

TEST_CASE("Of requests that may wait for a database those that only read are told apart") {
    const auto reads = [](std::string_view target, std::string_view body) {
        http::request request;
        request.method = "POST";
        request.target = target;
        request.body = body;
        return sts::issuer::only_reads(request);
    };
    CHECK(reads("/", "Action=ListUsers&Version=2010-05-08"));
    CHECK(reads("/?Version=2010-05-08&Action=GetUser", ""));
    CHECK(reads("/", "Version=2010-05-08&Action=SimulatePrincipalPolicy"));
    CHECK_FALSE(reads("/", "Action=CreateUser&Version=2010-05-08"));
    CHECK_FALSE(reads("/", "Action=CreateUser&UserName=Action%3DGetUser"));
    CHECK_FALSE(reads("/", "%41ction=CreateUser&Version=2010-05-08"));
}

TEST_CASE("Tasks that wait leave threads to those that compute") {
    using kind = handler::blocking_pool::task_kind;
    std::promise<void> go_on;
    const std::shared_future<void> released = go_on.get_future().share();
    std::atomic<int> waited{0};
    {
        handler::blocking_pool pool({3, 2, 8});
        for (int i = 0; i < 8; ++i)
            REQUIRE(pool.run([&] { released.wait(), ++waited; }, kind::waits));
        std::promise<void> computed;
        REQUIRE(pool.run([&] { computed.set_value(); }, kind::computes));
        CHECK(computed.get_future().wait_for(20s) == std::future_status::ready);
        CHECK(waited == 0);
        go_on.set_value();
    }
    CHECK(waited == 8);  // what was queued has run
}

TEST_CASE("Slow requests are answered by other threads") {
    face f;
    raw_client client(f.port), other(f.port);
    client.send(f.unsigned_post(iam_call));
    other.send(f.assume());
    CHECK(has(client.read_to_end(), "<Code>InvalidAction</Code>"));
    CHECK(has(other.read_until("</AssumeRoleResponse>"), "HTTP/1.1 200"));
}

TEST_CASE("More slow requests than can be queued are refused") {
    face f({}, {0, 0, 0});
    raw_client client(f.port);
    client.send(f.unsigned_post(iam_call));
    const std::string answer = client.read_until("</ErrorResponse>");
    CHECK(has(answer, "HTTP/1.1 503"));
    CHECK(has(answer, "<Code>ServiceUnavailable</Code>"));
}

TEST_CASE("A pool runs what it has taken and refuses what is too much") {
    std::promise<void> go_on;
    std::shared_future<void> gate = go_on.get_future().share();
    std::promise<void> entered;
    std::atomic<int> done = 0;
    {
        constexpr auto kind = handler::blocking_pool::task_kind::waits;
        handler::blocking_pool pool({1, 1, 2});
        const auto blocked = [&] {
            entered.set_value();
            gate.wait();
            ++done;
        };
        REQUIRE(pool.run(blocked, kind));
        entered.get_future().wait();
        CHECK(pool.run([&] { ++done; }, kind));
        CHECK(pool.run([&] { ++done; }, kind));
        CHECK_FALSE(pool.run([&] { ++done; }, kind));
        go_on.set_value();
    }
    CHECK(done == 3);
}
