#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"

namespace stand_in {

struct object {
    std::string body;
    std::string content_type;
    std::vector<std::pair<std::string, std::string>> metadata;  ///< x-amz-meta-…, as sent
    std::string etag;                                           ///< with its quotes
    base::wall_time modified{};
};

using object_pointer = std::shared_ptr<const object>;

/// Buckets in memory. Any thread.
class object_store {
public:
    struct bucket_index {
        std::map<std::string, object_pointer> objects;
    };

    void create(const std::string& bucket);
    std::vector<std::string> buckets() const;
    /// A copy of the index: nothing when there is no such bucket.
    std::optional<bucket_index> find(const std::string& bucket) const;
    /// False: no such bucket.
    bool put(const std::string& bucket, const std::string& key, object what);
    void erase(const std::string& bucket, const std::string& key);

    struct part {
        unsigned number = 0;
        std::string etag;
        std::size_t size = 0;
    };
    std::string start_upload(const std::string& bucket, const std::string& key, object properties);
    /// Unfinished ones of that bucket: (key, id).
    std::vector<std::pair<std::string, std::string>> uploads(const std::string& bucket) const;
    std::optional<std::vector<part>> parts(const std::string& upload) const;
    /// The part's ETag; empty when there is no such upload.
    std::string put_part(const std::string& upload, unsigned number, std::string body);
    /// All parts, joined in the order of their numbers.
    std::optional<object> finish_upload(const std::string& upload);
    void drop_upload(const std::string& upload);

private:
    struct pending_upload {
        std::string bucket, key;
        object properties;
        std::map<unsigned, std::string> parts;
    };
    mutable std::mutex mutex_;
    std::map<std::string, bucket_index> buckets_;
    std::map<std::string, pending_upload> uploads_;
    unsigned long long next_upload_ = 1;
};

/// The body's MD5 in hex, quoted: clients compare it.
std::string make_etag(std::string_view body);

}  // namespace stand_in
