#include "audit/chain.hpp"

#include <filesystem>

#include "audit/head_file.hpp"
#include "audit/journal.hpp"
#include "audit/log_files.hpp"
#include "audit/verify_files.hpp"
#include "support/catch.hpp"
#include "unit/audit/temporary_directory.hpp"

using audit::chain;
using audit::chained_line;
using audit_test::lines_of;
using audit_test::put_text;
using audit_test::temporary_directory;
using audit_test::text_of;
using kind = audit::chained_line::kind;

namespace {

using namespace std::chrono_literals;

audit_record::record event(const std::string& id) {
    audit_record::record r;
    r.event_source = "imds.imdsd";
    r.event_name = "Test";
    r.event_id = id;
    return r;
}

struct log_place {
    temporary_directory dir;
    std::string path = dir.file("audit.jsonl");
    std::string head = dir.file("head");

    audit::options options() const {
        audit::options o;
        o.output = path;
        o.head_file = head;
        return o;
    }
    /// One run of a daemon. Returns what it warned of.
    std::string write(int records, audit::options o) const {
        auto opened = audit::journal::open(o, "h");
        REQUIRE(opened.has_value());
        for (int i = 0; i < records; ++i)
            REQUIRE((*opened)->wait((*opened)->record(event("e" + std::to_string(i)))));
        return (*opened)->warning();
    }
    std::string write(int records) const { return write(records, options()); }
    audit::verdict verify() const {
        auto found = audit::verify_log(path, head);
        REQUIRE(found.has_value());
        return std::move(*found);
    }
    /// Where it is broken; empty: it is whole.
    std::string broken() const {
        const audit::verdict found = verify();
        return found.broken ? found.broken->at.text().substr(dir.file("").size()) : std::string();
    }
    void put_lines(const std::vector<std::string>& lines) const {
        std::string text;
        for (const std::string& line : lines)
            text += line + '\n';
        put_text(path, text);
    }
};

}  // namespace

TEST_CASE("Each line bears its number and the hash of the line before") {
    chain links({});
    const std::string text = links.extend("{\"a\":1}\n{\"b\":2}\n");
    const std::string first =
        R"({"a":1,"auditChain":{"sequence":1,"previous":null,"begins":"there is no earlier record"}})";
    CHECK(text == first + "\n" + R"({"b":2,"auditChain":{"sequence":2,"previous":")" +
                      audit::hash_text(crypto::sha256(first)) + "\"}}\n");
    const chained_line read = audit::read_chained_line(first);
    CHECK(read.what == kind::linked);
    CHECK(read.own.sequence == 1);
    CHECK_FALSE(read.previous);
    CHECK(links.last().sequence == 2);
    // Whatever the groups are.
    chain other({});
    const std::string one = other.extend("{\"a\":1}\n");
    CHECK(one + other.extend("{\"b\":2}\n") == text);
}

TEST_CASE("Lines without a sound place in a chain are told apart") {
    CHECK(audit::read_chained_line(R"({"a":1})").what == kind::unchained);
    for (const char* line :
         {"", "x", "[1]", R"({"a":1)", R"({"auditChain":1})", R"({"auditChain":{"sequence":0}})",
          R"({"auditChain":{"sequence":-1,"previous":null}})", R"({"auditChain":{"sequence":1}})",
          R"({"auditChain":{"sequence":1,"previous":"ab"}})",
          R"({"auditChain":{"sequence":1.5,"previous":null}})",
          R"({"auditChain":{"sequence":2,"previous":7}})"}) {
        INFO(line);
        CHECK(audit::read_chained_line(line).what == kind::unreadable);
    }
}

TEST_CASE("The chain goes on over restarts") {
    const log_place log;
    log.write(3);
    CHECK(log.write(2).empty());
    const audit::verdict found = log.verify();
    CHECK_FALSE(found.broken);
    CHECK(found.notes.empty());
    CHECK(found.records == 5);
    CHECK(found.first == 1);
    CHECK(found.last.sequence == 5);
    CHECK(found.head_checked);
}

TEST_CASE("The chain goes on behind a fragment that was left") {
    const log_place log;
    log.write(2);
    put_text(log.path, text_of(log.path) + R"({"eventVersion":"1.11","userId)");
    CHECK(log.verify().notes.size() == 1);
    CHECK(log.write(1).empty());
    // Again, and before any record came.
    put_text(log.path, text_of(log.path) + "{\"ev\n{");
    CHECK(log.write(1).empty());
    const audit::verdict found = log.verify();
    CHECK_FALSE(found.broken);
    CHECK(found.records == 4);
    CHECK(found.notes.size() == 3);
}

TEST_CASE("A log of a version without chain begins one, and says so") {
    const log_place log;
    put_text(log.path, "{\"old\":1}\n{\"old\":2}\n");
    CHECK(log.write(2).empty());
    const std::string first = lines_of(log.path).at(2);
    CHECK(first.find(R"("previous":null,"begins":"the records before it bear no chain")") !=
          std::string::npos);
    const audit::verdict found = log.verify();
    CHECK_FALSE(found.broken);
    CHECK(found.records == 2);
    REQUIRE(found.notes.size() == 1);
    CHECK(found.notes[0].at.line == 3);
}

TEST_CASE("A changed byte is found wherever it is") {
    const log_place log;
    log.write(3);
    const std::string text = text_of(log.path);
    for (std::size_t at = 0; at < text.size(); ++at) {
        std::string changed = text;
        changed[at] = changed[at] == 'x' ? 'y' : 'x';
        put_text(log.path, changed);
        INFO(at << ": " << changed);
        const std::string where = log.broken();
        // An end of line that is gone joins two lines.
        CHECK(where.find("audit.jsonl:") == 0);
    }
    std::string changed = text;
    changed[text.find("\"e1\"") + 1] = 'f';
    put_text(log.path, changed);
    CHECK(log.broken() == "audit.jsonl:2");
}

TEST_CASE("Lines that are missing, swapped, repeated otherwise or added are found") {
    const log_place log;
    log.write(5);
    const std::vector<std::string> all = lines_of(log.path);
    auto lines = all;
    lines.erase(lines.begin() + 2);
    log.put_lines(lines);
    CHECK(log.broken() == "audit.jsonl:3");
    lines = all;
    std::swap(lines[1], lines[2]);
    log.put_lines(lines);
    CHECK(log.broken() == "audit.jsonl:2");
    lines = all;
    lines.insert(lines.begin() + 3, R"({"eventName":"Innocent"})");
    log.put_lines(lines);
    CHECK(log.broken() == "audit.jsonl:4");
    lines = all;
    lines.insert(lines.begin() + 3, chain({}).extend("{\"a\":1}\n").erase(0));
    lines[3] = lines[0];
    lines[3].replace(lines[3].find("e0"), 2, "e9");
    log.put_lines(lines);
    CHECK(log.broken() == "audit.jsonl:4");
    // A group that was written twice after a failed flush is the same twice.
    lines = all;
    lines.insert(lines.begin() + 3, {all[1], all[2]});
    log.put_lines(lines);
    CHECK(log.broken().empty());
    CHECK(log.verify().notes.size() == 2);
}

TEST_CASE("A tail that was cut off is found, and stays so") {
    const log_place log;
    log.write(5);
    auto lines = lines_of(log.path);
    lines.resize(3);
    log.put_lines(lines);
    const audit::verdict found = log.verify();
    REQUIRE(found.broken);
    CHECK(found.broken->at.line == 3);
    CHECK(found.broken->message == "the log ends with record 3, but record 5 was written");
    // The next start neither hides nor forgets it.
    CHECK(log.write(1).find("number 5") != std::string::npos);
    CHECK(log.verify().broken->message == "records 4 to 5 are missing before record 6");
}

TEST_CASE("A last record that was changed is found before and after a start") {
    const log_place log;
    log.write(3);
    std::string text = text_of(log.path);
    text[text.rfind("\"e2\"") + 1] = 'f';
    put_text(log.path, text);
    CHECK(log.broken() == "audit.jsonl:3");
    CHECK_FALSE(log.write(1).empty());
    CHECK(log.broken() == "audit.jsonl:3");
}

TEST_CASE("A log that was emptied or taken away goes on after the head") {
    const log_place log;
    log.write(3);
    std::filesystem::remove(log.path);
    log.write(1);
    audit::verdict found = log.verify();
    CHECK_FALSE(found.broken);
    CHECK(found.first == 4);
    REQUIRE(found.notes.size() == 1);
    put_text(log.path, "");
    found = log.verify();
    REQUIRE(found.broken);
    CHECK(found.broken->message == "there is no record of the chain, but record 4 was written");
}

TEST_CASE("A head that lags behind does no harm, and one that is lost is told of") {
    const log_place log;
    log.write(2);
    const std::string early = text_of(log.head);
    log.write(2);
    put_text(log.head, early);
    CHECK(log.broken().empty());
    CHECK(log.write(1).empty());
    CHECK(log.verify().last.sequence == 5);
    put_text(log.head, "rubbish");
    CHECK(audit::verify_log(log.path, log.head).has_error());
    CHECK(log.write(1).find("head") != std::string::npos);
    CHECK(log.broken().empty());
    std::filesystem::remove(log.head);
    CHECK(log.write(1).empty());
    CHECK(log.verify().last.sequence == 7);
    CHECK(text_of(log.head).size() == 128);
}

TEST_CASE("Files rotate by size, and the chain and each record go on") {
    const log_place log;
    audit::options o = log.options();
    o.rotate = {4000, 0};
    log.write(40, o);
    log.write(40, o);
    const auto earlier = audit::earlier_files(log.path);
    CHECK(earlier.size() > 5);
    for (const auto& one : earlier)
        CHECK(std::filesystem::file_size(one.path) <= 4000);
    const audit::verdict found = log.verify();
    CHECK_FALSE(found.broken);
    CHECK(found.notes.empty());
    CHECK(found.records == 80);
    CHECK(found.head_checked);

    // Without one of them.
    std::filesystem::remove(earlier[2].path);
    CHECK(log.broken() == "audit.jsonl.4:1");
}

TEST_CASE("The oldest files are removed beyond those to keep") {
    const log_place log;
    audit::options o = log.options();
    o.rotate = {2000, 3};
    log.write(60, o);
    const auto earlier = audit::earlier_files(log.path);
    CHECK(earlier.size() == 3);
    CHECK(earlier[0].number + 2 == earlier[2].number);
    const audit::verdict found = log.verify();
    CHECK_FALSE(found.broken);
    CHECK(found.first > 1);
    CHECK(found.last.sequence == 60);
}

TEST_CASE("A file that somebody has renamed is not renamed again") {
    const log_place log;
    audit::options o = log.options();
    o.rotate = {1500, 0};
    auto opened = audit::journal::open(o, "h");
    const auto journal = std::move(*opened);
    REQUIRE(journal->wait(journal->record(event("a"))));
    std::filesystem::rename(log.path, log.dir.file("away"));
    put_text(log.path, "not ours\n");
    for (int i = 0; i < 3; ++i)
        REQUIRE(journal->wait(journal->record(event("b"))));
    CHECK(text_of(log.path).find("not ours\n") == 0);
}

TEST_CASE("Files of other numbers and names are left alone") {
    const temporary_directory dir;
    for (const char* name : {"log.3", "log.10", "log.07", "log.x", "log.1.gz", "log.", "log"})
        put_text(dir.file(name), "");
    const auto found = audit::earlier_files(dir.file("log"));
    REQUIRE(found.size() == 2);
    CHECK(found[0].number == 3);
    CHECK(found[1].number == 10);
}

TEST_CASE("A journal whose head cannot be kept does not open") {
    const log_place log;
    audit::options o = log.options();
    o.head_file = log.dir.file("none/head");
    CHECK(audit::journal::open(o, "h").has_error());
}

TEST_CASE("What goes to standard output or a device bears no chain") {
    audit::options o;
    CHECK_FALSE(o.is_file());
    o.output = "journald";
    CHECK_FALSE(o.is_file());
    o.output = "/x";
    CHECK(o.is_file());
}
