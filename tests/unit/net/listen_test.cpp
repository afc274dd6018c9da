#include "net/listen.hpp"

#include <cstdlib>
#include <filesystem>
#include <sys/stat.h>
#include <unistd.h>

#include "support/catch.hpp"

TEST_CASE("A taken address is an error and not a silent second listener") {
    const auto first = net::listen_tcp({"127.0.0.1", 0, "", false});
    REQUIRE(first.has_value());
    const auto port = *net::local_port(*first);
    CHECK(*net::local_address(*first) == "127.0.0.1:" + std::to_string(port));
    const auto second = net::listen_tcp({"127.0.0.1", port, "", false});
    REQUIRE(second.has_error());
    CHECK(second.error().message.find("another program listens there") != std::string::npos);
    ::close(*first);
}

TEST_CASE("Workers share a port only when they all say so") {
    const auto first = net::listen_tcp({"127.0.0.1", 0, "", true});
    const auto port = *net::local_port(*first);
    const auto second = net::listen_tcp({"127.0.0.1", port, "", true});
    CHECK(second.has_value());
    CHECK(net::listen_tcp({"127.0.0.1", port, "", false}).has_error());
    ::close(*first);
    ::close(*second);
}

TEST_CASE("Bad addresses and devices are named") {
    CHECK(net::listen_tcp({"localhost", 0, "", false}).error().message ==
          "'localhost' is not an IP address");
    CHECK(net::listen_tcp({"203.0.113.1", 0, "", false}).error().message.find("add it to lo") !=
          std::string::npos);
    CHECK(net::listen_tcp({"127.0.0.1", 0, "nosuchdev0", false}).has_error());
}

TEST_CASE("A stale unix socket is replaced and a live one or a file is not") {
    char directory[] = "/tmp/imdsd-net-XXXXXX";
    REQUIRE(::mkdtemp(directory) != nullptr);
    const std::string path = std::string(directory) + "/s";
    const auto first = net::listen_unix(path, 0600);
    REQUIRE(first.has_value());
    struct stat there {};
    ::stat(path.c_str(), &there);
    CHECK((there.st_mode & 0777) == 0600);
    CHECK(net::listen_unix(path, 0600).has_error());
    ::close(*first);
    const auto second = net::listen_unix(path, 0666);
    CHECK(second.has_value());
    ::close(*second);
    std::filesystem::remove(path);
    std::filesystem::create_directory(path);
    CHECK(net::listen_unix(path, 0600).has_error());
    CHECK(net::listen_unix(std::string(200, 'x'), 0600).has_error());
    std::filesystem::remove_all(directory);
}
