#include <charconv>
#include <set>

#include "base/time_text.hpp"
#include "encoding/xml_writer.hpp"
#include "s3.hpp"

namespace stand_in {
namespace {

constexpr std::size_t most_keys = 1000;

std::string value(const std::map<std::string, std::string>& query, const char* name) {
    const auto found = query.find(name);
    return found == query.end() ? std::string() : found->second;
}

std::size_t max_keys(const std::map<std::string, std::string>& query) {
    const std::string text = value(query, "max-keys");
    std::size_t count = most_keys;
    std::from_chars(text.data(), text.data() + text.size(), count);
    return std::min(count, most_keys);
}

}  // namespace

answer list_objects(const std::string& name, const object_store::bucket_index& bucket,
                    const std::map<std::string, std::string>& query) {
    const bool v2 = value(query, "list-type") == "2";
    const std::string prefix = value(query, "prefix"), delimiter = value(query, "delimiter");
    const std::string token = value(query, "continuation-token");
    const std::string after = !v2             ? value(query, "marker")
                              : token.empty() ? value(query, "start-after")
                                              : token;
    const std::size_t limit = max_keys(query);

    std::vector<std::pair<std::string, object_pointer>> contents;
    std::set<std::string> common;
    std::string last;
    bool truncated = false;
    for (const auto& [key, object] : bucket.objects) {
        if (!key.starts_with(prefix)) continue;
        const std::size_t end =
            delimiter.empty() ? std::string::npos : key.find(delimiter, prefix.size());
        const std::string entry =
            end == std::string::npos ? key : key.substr(0, end + delimiter.size());
        if (entry <= after || common.contains(entry)) continue;
        if (contents.size() + common.size() == limit) {
            truncated = limit != 0;
            break;
        }
        if (end == std::string::npos) {
            contents.emplace_back(key, object);
        } else {
            common.insert(entry);
        }
        last = entry;
    }

    encoding::xml_writer out;
    out.open("ListBucketResult", s3_namespace);
    out.element("Name", name);
    out.element("Prefix", prefix);
    if (v2) {
        out.element("KeyCount", std::to_string(contents.size() + common.size()));
        if (truncated) out.element("NextContinuationToken", last);
    } else {
        out.element("Marker", after);
        if (truncated) out.element("NextMarker", last);
    }
    if (!delimiter.empty()) out.element("Delimiter", delimiter);
    out.element("MaxKeys", std::to_string(limit));
    out.element("IsTruncated", truncated ? "true" : "false");
    for (const auto& [key, object] : contents) {
        out.open("Contents");
        out.element("Key", key);
        out.element("LastModified", base::iso8601(object->modified));
        out.element("ETag", object->etag);
        out.element("Size", std::to_string(object->body.size()));
        out.element("StorageClass", "STANDARD");
        out.close();
    }
    for (const std::string& entry : common) {
        out.open("CommonPrefixes");
        out.element("Prefix", entry);
        out.close();
    }
    out.close();
    return xml(out.take());
}

}  // namespace stand_in
