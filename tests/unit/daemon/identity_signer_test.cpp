#include "daemon/identity_signer.hpp"

#include <filesystem>
#include <fstream>
#include <set>
#include <sys/stat.h>
#include <unistd.h>

#include <boost/json/serialize.hpp>

#include "daemon/identity_certificates.hpp"
#include "daemon/identity_key_files.hpp"
#include "support/catch.hpp"
#include "support/counting_random.hpp"
#include "support/manual_clock.hpp"

using daemon_::identity_signer;

namespace {

class rig {
public:
    rig() {
        std::string name = std::filesystem::temp_directory_path() / "identity-signer-XXXXXX";
        REQUIRE(::mkdtemp(name.data()));
        folder = name;
    }
    ~rig() { std::filesystem::remove_all(folder); }

    base::result<std::unique_ptr<identity_signer>> open() {
        identity_signer::options chosen;
        chosen.directory = folder;
        chosen.owner = "i-1";
        chosen.retry_after = base::milliseconds(1);
        return identity_signer::open(chosen, control, clock, random,
                                     [this](auto made) { published.push_back(std::move(made)); });
    }
    /// Until as many are there; the test's own time limit ends a failure.
    void wait_for(std::size_t count) {
        const auto work = boost::asio::make_work_guard(control);
        control.restart();
        while (published.size() < count)
            control.run_one();
    }
    std::string file(imds::signature_kind kind) const {
        return folder / daemon_::identity_key_file(kind);
    }

    std::filesystem::path folder;
    support::manual_clock clock;
    support::counting_random random;
    boost::asio::io_context control{1};
    std::vector<std::shared_ptr<const imds::signed_identity>> published;
};

std::string content(const std::string& path) {
    std::ifstream in(path);
    return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace

TEST_CASE("Keys are made at the first use, kept, and used again") {
    rig r;
    std::string certificates;
    {
        auto signer = r.open();
        REQUIRE(signer.has_value());
        CHECK((*signer)->keys() == nullptr);
        CHECK_FALSE(std::filesystem::exists(r.file(imds::signature_kind::pkcs7)));
        (*signer)->sign({"one", "two"});
        r.wait_for(2);
        REQUIRE((*signer)->keys());
        certificates = boost::json::serialize(daemon_::describe_certificates(*(*signer)->keys()));
    }
    CHECK(r.published[0]->document == "one");
    CHECK(r.published[1]->document == "two");
    for (const auto kind : imds::signature_kinds) {
        struct stat about {};
        REQUIRE(::stat(r.file(kind).c_str(), &about) == 0);
        CHECK((about.st_mode & 07777) == 0600);
    }
    const auto read = daemon_::read_certificates(r.folder);
    REQUIRE(read.has_value());
    CHECK(boost::json::serialize(*read) == certificates);
    CHECK(certificates.find("PRIVATE") == std::string::npos);

    auto again = r.open();
    REQUIRE(again.has_value());
    REQUIRE((*again)->keys());
    (*again)->sign({"one"});
    r.wait_for(3);
    // RSA alone gives the same bytes again.
    CHECK(r.published[2]->signature == r.published[0]->signature);
    CHECK(r.published[2]->pkcs7 != r.published[0]->pkcs7);
}

TEST_CASE("A damaged key file is an error that names it and leaves it alone") {
    rig r;
    {
        auto signer = r.open();
        (*signer)->sign({"x"});
        r.wait_for(1);
    }
    for (const auto kind : imds::signature_kinds) {
        const std::string path = r.file(kind);
        const std::string good = content(path);
        for (const std::string& bad :
             {std::string(), good.substr(0, 200), good.substr(0, good.find("-----BEGIN CERT"))}) {
            std::ofstream(path, std::ios::trunc) << bad;
            const auto opened = r.open();
            REQUIRE_FALSE(opened.has_value());
            CHECK(opened.error().message.starts_with(path + ": "));
            CHECK(content(path) == bad);
            CHECK_FALSE(daemon_::read_certificates(r.folder).has_value());
        }
        std::ofstream(path, std::ios::trunc) << good;
        REQUIRE(::chmod(path.c_str(), 0640) == 0);
        CHECK_FALSE(r.open().has_value());
        REQUIRE(::chmod(path.c_str(), 0600) == 0);
    }
    CHECK(r.open().has_value());
}

TEST_CASE("Without keys there are no certificates yet") {
    rig r;
    const auto read = daemon_::read_certificates(r.folder);
    REQUIRE_FALSE(read.has_value());
    CHECK(read.error().kind == base::error_kind::not_found);
}

TEST_CASE("Keys that cannot be written are not used, and tried again") {
    rig r;
    const std::filesystem::path real = r.folder;
    r.folder = real / "later";
    {
        auto signer = r.open();
        REQUIRE(signer.has_value());
        (*signer)->sign({"x"});
        const auto work = boost::asio::make_work_guard(r.control);
        r.control.run_one();  // the failure
        CHECK(r.published.empty());
        CHECK((*signer)->keys() == nullptr);
        std::filesystem::create_directory(r.folder);
        r.wait_for(1);
        CHECK(r.published[0]->document == "x");
    }
    r.folder = real;
}

TEST_CASE("Stopping ends the making of keys, and nothing comes afterwards") {
    rig r;
    auto signer = r.open();
    (*signer)->sign({"x"});
    (*signer)->stop();
    signer->reset();
    r.control.restart();
    r.control.run();
    CHECK(r.published.empty());
}
