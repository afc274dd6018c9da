#include "fake_environment.hpp"
#include "support/catch.hpp"

namespace {

using lines = std::vector<std::string>;
using kind = config::store_options::kind;
using from = sts::wrapping_key_source::kind;

std::string text(const std::string& issuer) {
    return "apiVersion: imdsd/v1\nlisteners: [{name: sts, serve: sts, address: '127.0.0.1:0'}]\n"
           "state_directory: /var/lib/imdsd\nissuer: {" +
           issuer + "}\n";
}

fake_environment surroundings() {
    fake_environment made;
    made.files["db-password"] = "correct horse\n";
    made.variables["PGPASS"] = "battery staple";
    made.variables["EMPTY"] = "";
    return made;
}

config::configuration read(const std::string& issuer) {
    return loaded(text(issuer), surroundings());
}

std::string said(const std::string& issuer) {
    const auto all = said_about(text(issuer), surroundings());
    REQUIRE(all.size() == 1);
    return all[0];
}

const std::string shared_key = ", keys: {wrapped_by: {env: KEK}}";

std::string postgresql(const std::string& more) {
    return "store: {postgresql: {connection: 'host=db dbname=imdsd'" + more + "}}" + shared_key;
}

}  // namespace

TEST_CASE("The issuer keeps its estate in a file of the state directory unless told otherwise") {
    CHECK(read("").store.where == kind::sqlite);
    CHECK(read("").store.path == "/var/lib/imdsd/issuer.db");
    CHECK(read("store: sqlite").store.path == "/var/lib/imdsd/issuer.db");
    CHECK(read("store: {sqlite: {path: db/issuer}}").store.path == "db/issuer");
    CHECK(read("store: {sqlite: {path: /srv/issuer.db}}").store.path == "/srv/issuer.db");
    const auto none = read("store: memory").store;
    CHECK(none.where == kind::memory);
    CHECK(none.path.empty());
}

TEST_CASE("PostgreSQL is described by a connection and a password beside it") {
    const auto plain = read(postgresql("")).store;
    CHECK(plain.where == kind::postgresql);
    CHECK(plain.connection == "host=db dbname=imdsd");
    CHECK(plain.password.empty());
    CHECK(plain.poll == base::seconds(1));
    CHECK(plain.max_age == base::seconds(30));
    CHECK_FALSE(plain.serve_when_stale);
    const auto told = read(
                          "store: {postgresql: {connection: "
                          "'postgresql://imdsd@db.example/imdsd?sslmode=verify-full', password: "
                          "{file: db-password}, poll: 2s, max_age: 1m, when_stale: serve}}" +
                          shared_key)
                          .store;
    CHECK(told.connection == "postgresql://imdsd@db.example/imdsd?sslmode=verify-full");
    CHECK(told.password.reveal() == "correct horse");
    CHECK(told.poll == base::seconds(2));
    CHECK(told.max_age == base::seconds(60));
    CHECK(told.serve_when_stale);
    CHECK(read(postgresql(", password: {env: PGPASS}")).store.password.reveal() ==
          "battery staple");
}

TEST_CASE("What is wrong with the store is told where it is written") {
    CHECK(said("store: redis") == "4:17: 'store' must be memory or sqlite");
    CHECK(said("store: postgresql, keys: {wrapped_by: {env: KEK}}")
              .find("4:17: PostgreSQL needs to be found: write {postgresql: {connection: ") == 0);
    CHECK(said("store: {sqlite: {path: issuer}}") == "4:33: 'path' must be a path with a '/'");
    CHECK(said("store: {sqlite: {}}") == "4:26: missing key 'path' in sqlite");
    CHECK(said("store: {}").find("4:17: 'store' is memory, sqlite,") == 0);
    CHECK(said("store: {sqlite: {path: /a}, postgresql: {connection: x}}")
              .find("4:17: 'store' is memory, sqlite,") == 0);
    CHECK(said("store: {postgresql: {}}" + shared_key) ==
          "4:30: missing key 'connection' in postgresql");
    CHECK(said("store: {postgresql: {connection: 'host=db dbnam=x'}}" + shared_key)
              .find("4:43: 'connection' must be what libpq takes: ") == 0);
    CHECK(said(postgresql(", poll: 2m")).find("'poll' must be from 1s to 1m") != std::string::npos);
    CHECK(said(postgresql(", poll: 20s, max_age: 30s"))
              .find("'max_age' must be at least twice as long as 'poll'") != std::string::npos);
    CHECK(said(postgresql(", poll: 20s")).find("'max_age' must be at least") != std::string::npos);
    CHECK(said(postgresql(", when_stale: deny")).find("'when_stale' must be refuse or serve") !=
          std::string::npos);
    CHECK(said(postgresql(", password: {env: EMPTY}"))
              .find("the secret must be 1 to 1024 printable characters") != std::string::npos);
    CHECK(said(postgresql(", password: {env: NONE}"))
              .find("the environment has no variable 'NONE'") != std::string::npos);
}

TEST_CASE("A password in a connection string is refused and not repeated") {
    for (const std::string connection :
         {"host=db password=hunter2", "postgresql://imdsd:hunter2@db/imdsd",
          "host=db sslpassword=hunter2"}) {
        const auto message =
            said("store: {postgresql: {connection: '" + connection + "'}}" + shared_key);
        CAPTURE(message);
        CHECK(message.find("4:43: a password does not belong into 'connection'") == 0);
        CHECK(message.find("hunter2") == std::string::npos);
    }
    const auto beside = said(postgresql(", password: hunter2"));
    CHECK(beside.find("secrets are not written here") != std::string::npos);
    CHECK(beside.find("hunter2") == std::string::npos);
}

TEST_CASE("The key ring is wrapped by what the configuration names, the first one first") {
    const auto plain = read("").key_ring;
    REQUIRE(plain.wrapping_keys.size() == 1);
    CHECK(plain.wrapping_keys[0].from == from::automatic);
    CHECK(plain.rotate_every == base::seconds(30 * 24 * 3600));
    const auto told = read(
                          "keys: {wrapped_by: [{credential: kek}, {file: ./kek}, {env: KEK}, "
                          "auto], rotate_every: 168h}")
                          .key_ring;
    REQUIRE(told.wrapping_keys.size() == 4);
    CHECK(told.wrapping_keys[0] == sts::wrapping_key_source{from::credential, "kek"});
    CHECK(told.wrapping_keys[1] == sts::wrapping_key_source{from::file, "./kek"});
    CHECK(told.wrapping_keys[2] == sts::wrapping_key_source{from::environment, "KEK"});
    CHECK(told.wrapping_keys[3] == sts::wrapping_key_source{});
    CHECK(told.rotate_every == base::seconds(7 * 24 * 3600));
    CHECK(read("keys: {rotate_every: never}").key_ring.rotate_every == base::seconds(0));
}

TEST_CASE("What is wrong with the wrapping keys is told where it is written") {
    const std::string forms =
        "a wrapping key is auto, {file: PATH}, {env: VARIABLE} or "
        "{credential: NAME}";
    CHECK(said("keys: {wrapped_by: kek}") == "4:29: " + forms);
    CHECK(said("keys: {wrapped_by: []}") == "4:29: 'wrapped_by' must not be an empty list");
    CHECK(said("keys: {wrapped_by: {file: /a, env: B}}") == "4:29: " + forms);
    CHECK(said("keys: {wrapped_by: {file: kek}}") == "4:36: 'file' must be a path with a '/'");
    CHECK(said("keys: {wrapped_by: [auto, auto]}").find("is named twice") != std::string::npos);
    CHECK(said("keys: {wrapped_by: {credential: ../kek}}").find("is no name of a credential") !=
          std::string::npos);
    CHECK(said("keys: {wrapped_by: {env: 'A=B'}}").find("is no name of a variable") !=
          std::string::npos);
    CHECK(said("keys: {rotate_every: 1m}").find("'rotate_every' must be from 1h to ") !=
          std::string::npos);
}

TEST_CASE("Replicas on one PostgreSQL must name the key that they share") {
    const std::string store = "store: {postgresql: {connection: host=db}}";
    const std::string expected = "replicas on one PostgreSQL need one wrapping key";
    CHECK(said(store).find("4:10: " + expected) == 0);
    CHECK(said(store + ", keys: {rotate_every: never}").find("4:10: " + expected) == 0);
    CHECK(said(store + ", keys: {wrapped_by: [{env: KEK}, auto]}").find(expected) !=
          std::string::npos);
    CHECK(said_about(text(store + ", keys: {wrapped_by: {credential: kek}}")).empty());
}
