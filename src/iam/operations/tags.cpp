#include "iam/operations/tags.hpp"

#include <algorithm>

#include <boost/json/array.hpp>

#include "iam/operations/parameters.hpp"
#include "policy/unicode.hpp"

namespace iam {

namespace {

sts::tag_list::iterator find_tag(sts::tag_list& in, const std::string& key) {
    return std::find_if(in.begin(), in.end(), [&](const auto& tag) {
        return policy::same_ignoring_case(tag.first, key);
    });
}

}  // namespace

base::result<void> add_tags(sts::tag_list& to, const sts::tag_list& added) {
    if (const auto good = check_new_tags(added); !good) return good;
    for (const auto& tag : added) {
        const auto found = find_tag(to, tag.first);
        if (found == to.end()) {
            to.push_back(tag);
        } else {
            *found = tag;
        }
    }
    return check_new_tags(to);
}

void remove_tags(sts::tag_list& from, const std::vector<std::string>& keys) {
    for (const std::string& key : keys) {
        if (const auto found = find_tag(from, key); found != from.end()) from.erase(found);
    }
}

void add_tag_page(std::vector<sts::result_node>& answer, const sts::tag_list& tags,
                  const page& wanted) {
    page_collector<const std::pair<std::string, std::string>*> found(wanted);
    for (const auto& tag : tags)
        found.offer(tag.first, &tag);
    add_list(answer, "Tags", found, [](const auto* tag) {
        return sts::result_node::group("member", {sts::result_node::text("Key", tag->first),
                                                  sts::result_node::text("Value", tag->second)});
    });
}

void put_tag_keys(boost::json::object& out, const sts::passed_texts& keys) {
    constexpr std::size_t most_shown = 64;
    constexpr std::size_t longest_shown = 128;
    boost::json::array shown;
    for (const auto& key : keys) {
        if (shown.size() == most_shown) break;
        shown.emplace_back(key ? std::string_view(*key).substr(0, longest_shown)
                               : std::string_view());
    }
    if (!shown.empty()) out["tagKeys"] = std::move(shown);
}

}  // namespace iam
