#include "config/tree.hpp"

#include <map>
#include <sstream>

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include "encoding/utf8.hpp"

namespace config {

namespace {

/// Ends the parse of a file that is too big or too deep. Thrown through yaml-cpp, caught below.
struct given_up {};

class tree_builder final : public YAML::EventHandler {
public:
    tree_builder(std::size_t file, report& out) : file_(file), out_(out) {}

    std::optional<node> take() { return std::move(root_); }
    unsigned documents() const { return documents_; }

    void OnDocumentStart(const YAML::Mark& mark) override {
        if (++documents_ == 2) {
            out_.error(place(mark), "a file holds one document; remove what follows '---'");
            throw given_up{};
        }
    }
    void OnDocumentEnd() override {}

    void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
        check(mark, anchor, "?");
        add({node::kind::null, place(mark), {}, true, {}, {}});
    }

    void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override {
        out_.error(place(mark), "aliases are not supported; write the value out");
        add({node::kind::null, place(mark), {}, true, {}, {}});
    }

    void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  const std::string& value) override {
        check(mark, anchor, tag);
        add({node::kind::scalar, place(mark), value, tag == "?", {}, {}});
    }

    void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                         YAML::EmitterStyle::value) override {
        check(mark, anchor, tag);
        open({node::kind::sequence, place(mark), {}, false, {}, {}});
    }
    void OnSequenceEnd() override { close(); }

    void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                    YAML::EmitterStyle::value) override {
        check(mark, anchor, tag);
        open({node::kind::mapping, place(mark), {}, false, {}, {}});
    }
    void OnMapEnd() override { close(); }

private:
    /// A collection under construction. A mapping alternates between a key and its value.
    struct frame {
        node collection;
        std::optional<node> key;
        std::map<std::string, int, std::less<>> key_lines;
    };

    position place(const YAML::Mark& mark) const { return {file_, mark.line + 1, mark.column + 1}; }

    void check(const YAML::Mark& mark, YAML::anchor_t anchor, const std::string& tag) {
        if (++nodes_ > limits::nodes) {
            out_.error(place(mark), "more than " + std::to_string(limits::nodes) + " values");
            throw given_up{};
        }
        if (anchor != 0) out_.error(place(mark), "anchors are not supported");
        if (!tag.empty() && tag != "?" && tag != "!")
            out_.error(place(mark), "tags are not supported");
    }

    void open(node collection) {
        if (frames_.size() == limits::depth) {
            out_.error(collection.at,
                       "nested more than " + std::to_string(limits::depth) + " deep");
            throw given_up{};
        }
        frames_.push_back({std::move(collection), std::nullopt, {}});
    }

    void close() {
        node done = std::move(frames_.back().collection);
        frames_.pop_back();
        add(std::move(done));
    }

    void add(node value) {
        if (frames_.empty()) {
            root_ = std::move(value);
            return;
        }
        frame& top = frames_.back();
        if (top.collection.is_sequence()) {
            top.collection.items.push_back(std::move(value));
        } else if (!top.key) {
            top.key = std::move(value);
        } else {
            add_entry(top, std::move(*top.key), std::move(value));
            top.key.reset();
        }
    }

    void add_entry(frame& top, node key, node value) {
        if (!key.is_scalar()) {
            out_.error(key.at, "keys must be text");
            return;
        }
        if (key.plain && key.text == "<<") {
            out_.error(key.at, "merge keys are not supported; write the values out");
            return;
        }
        const auto [first, fresh] = top.key_lines.emplace(key.text, key.at.line);
        if (!fresh) {
            out_.error(key.at, "duplicate key " + quoted(key.text) + "; it is already on line " +
                                   std::to_string(first->second));
            return;
        }
        top.collection.entries.push_back(
            {std::move(key.text), key.at, key.plain, std::move(value)});
    }

    std::size_t file_;
    report& out_;
    std::optional<node> root_;
    std::vector<frame> frames_;
    std::size_t nodes_ = 0;
    unsigned documents_ = 0;
};

/// Where byte `offset` of the text is.
position place_of(std::string_view text, std::size_t offset, std::size_t file) {
    position at{file, 1, 1};
    for (const char c : text.substr(0, offset)) {
        ++at.column;
        if (c == '\n') {
            ++at.line;
            at.column = 1;
        }
    }
    return at;
}

}  // namespace

std::optional<node> parse_tree(std::string_view text, std::size_t file, report& out) {
    if (text.size() > limits::file_bytes) {
        out.error({file, 1, 1}, "bigger than " + std::to_string(limits::file_bytes) + " bytes");
        return std::nullopt;
    }
    // yaml-cpp guesses encodings and replaces what it cannot read.
    if (!encoding::is_utf8(text)) {
        out.error({file, 1, 1}, "not UTF-8 text");
        return std::nullopt;
    }
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto byte = static_cast<unsigned char>(text[i]);
        if ((byte < 0x20 && byte != '\t' && byte != '\n' && byte != '\r') || byte == 0x7f) {
            out.error(place_of(text, i, file), "control characters are not allowed; use \"\\x..\"");
            return std::nullopt;
        }
    }
    std::istringstream stream{std::string(text)};
    tree_builder builder(file, out);
    try {
        YAML::Parser parser(stream);
        while (parser.HandleNextDocument(builder)) {
        }
    } catch (const given_up&) {
        return std::nullopt;
    } catch (const YAML::Exception& e) {
        out.error({file, e.mark.line + 1, e.mark.column + 1}, e.msg);
        return std::nullopt;
    }
    if (builder.documents() == 0) out.error({file, 1, 1}, "the file is empty");
    return builder.take();
}

}  // namespace config
