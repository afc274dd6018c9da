#pragma once

#include <map>
#include <string>
#include <string_view>

#include "answer.hpp"
#include "base/clock.hpp"
#include "http/request.hpp"
#include "object_store.hpp"

namespace stand_in {

/// Enough of Amazon S3's REST API (path style) for the programs under test; what is missing is
/// answered 501 NotImplemented.
class s3 {
public:
    s3(object_store& store, const base::clock& clock) : store_(store), clock_(clock) {}

    /// `body`: what the request carries, without S3's own chunks.
    answer handle(const http::request& request, std::string body);

    static answer failure(unsigned status, std::string_view code, std::string_view message);

private:
    using parameters = std::map<std::string, std::string>;

    answer list_buckets() const;
    answer on_bucket(const http::request& request, const std::string& bucket,
                     const parameters& query, const std::string& body);
    answer on_object(const http::request& request, const std::string& bucket,
                     const std::string& key, const parameters& query, std::string body);
    answer on_upload(const http::request& request, const std::string& bucket,
                     const std::string& key, const parameters& query, std::string body);
    answer read(const http::request& request, const object_pointer& found) const;
    answer write(const http::request& request, const std::string& bucket, const std::string& key,
                 std::string body);
    answer copy(const std::string& source, const http::request& request, const std::string& bucket,
                const std::string& key);
    answer list_uploads(const std::string& bucket, const parameters& query) const;
    answer list_parts(const std::string& bucket, const std::string& key,
                      const std::string& upload) const;
    answer erase_many(const std::string& bucket, const std::string& body);
    object properties(const http::request& request) const;

    object_store& store_;
    const base::clock& clock_;
};

/// ListObjects and ListObjectsV2.
answer list_objects(const std::string& name, const object_store::bucket_index& bucket,
                    const std::map<std::string, std::string>& query);

inline constexpr std::string_view s3_namespace = "http://s3.amazonaws.com/doc/2006-03-01/";
answer xml(std::string document);

}  // namespace stand_in
