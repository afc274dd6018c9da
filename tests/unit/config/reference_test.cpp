#include "support/reference.hpp"

#include <set>

#include "config/schema.hpp"
#include "fake_environment.hpp"
#include "support/catch.hpp"

namespace {

using names = std::set<std::string>;
namespace known = config::sections;

names keys_of(const config::section& section) {
    return {section.keys.begin(), section.keys.end()};
}

/// The keys that the tables below a heading explain: what the first column has as `code`.
names explained_below(const reference& text, const std::string& heading) {
    names keys;
    for (const auto& row : text.tables.at(heading))
        for (const auto& key : reference::code_in(row.at(0)))
            CHECK(keys.insert(key).second);
    return keys;
}

names united(names one, const names& other) {
    one.insert(other.begin(), other.end());
    return one;
}

}  // namespace

TEST_CASE("The reference names every key that the reader knows") {
    const reference readme;
    for (const auto* section : config::all_sections()) {
        for (const auto key : section->keys) {
            CAPTURE(section->name, key);
            const auto name = std::string(key);
            const auto& text = readme.text;
            const bool named = text.find("`" + name + "`") != std::string::npos ||
                               text.find("`" + name + ":") != std::string::npos ||
                               text.find("{" + name + ":") != std::string::npos;
            CHECK(named);
        }
    }
}

TEST_CASE("The tables of the reference have the keys of their sections and no others") {
    const reference readme;
    CHECK(explained_below(readme, "Top level") == keys_of(known::top));
    CHECK(explained_below(readme, "Listeners") == keys_of(known::listener));
    CHECK(explained_below(readme, "Bindings") == keys_of(known::binding));
    CHECK(explained_below(readme, "Profiles") ==
          united(keys_of(known::profile), keys_of(known::metadata)));
    CHECK(explained_below(readme, "Instance") == keys_of(known::instance));
    CHECK(explained_below(readme, "Interfaces") == keys_of(known::network_interface));
}

TEST_CASE("Every key of an instance is told where it shows") {
    const reference readme;
    names told;
    for (const auto& row : readme.tables.at("Paths"))
        for (const auto& key : reference::code_in(row.at(2)))
            told.insert(key);
    for (const auto* section : {&known::instance, &known::network_interface}) {
        for (const auto& key : keys_of(*section)) {
            CAPTURE(section->name, key);
            CHECK(told.count(key) == 1);
        }
    }
    for (const auto* section :
         {&known::instance, &known::network_interface, &known::profile, &known::metadata})
        for (const auto& key : keys_of(*section))
            told.erase(key);
    told.erase("{mac}");
    CHECK(told == names{});
}

TEST_CASE("The instances that the reference shows are good ones") {
    const reference readme;
    fake_environment from;
    from.files["cloud-config.yaml"] = "#cloud-config\n";
    std::size_t shown = 0;
    for (std::size_t at = 0;
         (at = readme.text.find("\n    instance:\n", at)) != std::string::npos;) {
        const auto end = readme.text.find("\n\n", at + 1);
        const std::string text =
            "apiVersion: imdsd/v1\nlisteners: [{name: a, serve: imds, address: '127.0.0.1:0'}]\n"
            "bindings: [{user: self, profile: p}]\nprofiles:\n  p:" +
            readme.text.substr(at, end - at) + "\n";
        CAPTURE(text);
        CHECK(said_about(text, from) == std::vector<std::string>{});
        ++shown;
        at = end;
    }
    CHECK(shown == 2);
}
