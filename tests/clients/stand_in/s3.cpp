#include "s3.hpp"

#include <charconv>

#include "base/time_text.hpp"
#include "encoding/form.hpp"
#include "encoding/percent.hpp"
#include "encoding/xml_writer.hpp"
#include "http/target.hpp"
#include "verifier.hpp"

namespace stand_in {
namespace {

bool starts_with_ignoring_case(std::string_view text, std::string_view prefix) {
    return text.size() >= prefix.size() &&
           http::equal_ignoring_case(text.substr(0, prefix.size()), prefix);
}

/// The inside of each <name>…</name>, with the five entities resolved.
std::vector<std::string> elements(std::string_view document, std::string_view name) {
    const std::string start = "<" + std::string(name) + ">", stop = "</" + std::string(name) + ">";
    constexpr std::pair<std::string_view, char> entities[] = {
        {"&lt;", '<'}, {"&gt;", '>'}, {"&quot;", '"'}, {"&apos;", '\''}, {"&amp;", '&'}};
    std::vector<std::string> out;
    for (std::size_t at = document.find(start); at != std::string_view::npos;
         at = document.find(start, at)) {
        at += start.size();
        std::string_view text = document.substr(at, document.find(stop, at) - at);
        std::string& value = out.emplace_back();
        while (!text.empty()) {
            std::size_t taken = 1;
            char c = text.front();
            for (const auto& [entity, meant] : entities) {
                if (!text.starts_with(entity)) continue;
                c = meant;
                taken = entity.size();
            }
            value += c;
            text.remove_prefix(taken);
        }
    }
    return out;
}

struct range {
    std::size_t first = 0, last = 0;
};

/// bytes=a-b, bytes=a-, bytes=-n; nothing when it lies outside.
std::optional<range> parse_range(std::string_view text, std::size_t size) {
    if (!text.starts_with("bytes=")) return std::nullopt;
    text.remove_prefix(6);
    const std::size_t dash = text.find('-');
    if (dash == std::string_view::npos || size == 0) return std::nullopt;
    const auto number = [](std::string_view digits, std::size_t& out) {
        return std::from_chars(digits.data(), digits.data() + digits.size(), out).ec == std::errc();
    };
    range out{0, size - 1};
    std::size_t tail = 0;
    if (dash == 0) {
        if (!number(text.substr(1), tail)) return std::nullopt;
        out.first = size - std::min(tail, size);
        return out;
    }
    if (!number(text.substr(0, dash), out.first)) return std::nullopt;
    if (dash + 1 < text.size() && !number(text.substr(dash + 1), out.last)) return std::nullopt;
    out.last = std::min(out.last, size - 1);
    if (out.first > out.last) return std::nullopt;
    return out;
}

answer not_implemented() {
    return s3::failure(501, "NotImplemented", "The stand-in does not know this request.");
}

answer no_such_bucket() {
    return s3::failure(404, "NoSuchBucket", "The specified bucket does not exist");
}

answer no_such_upload() {
    return s3::failure(404, "NoSuchUpload", "The upload does not exist.");
}

}  // namespace

answer xml(std::string document) {
    answer out;
    out.fields = {{"Content-Type", "application/xml"}};
    out.body = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n" + std::move(document);
    return out;
}

answer s3::failure(unsigned status, std::string_view code, std::string_view message) {
    encoding::xml_writer out;
    out.open("Error");
    out.element("Code", code);
    out.element("Message", message);
    // Clients that guessed the region try again with this one.
    if (code == region_is_wrong) out.element("Region", region);
    out.element("RequestId", "1");
    out.close();
    answer made = xml(out.take());
    made.status = status;
    return made;
}

answer s3::handle(const http::request& request, std::string body) {
    const auto target = http::split_target(request.target);
    if (!target) return failure(400, "InvalidURI", "Couldn't parse the specified URI.");
    const auto fields = encoding::parse_form(target->query);
    if (!fields) return failure(400, "InvalidURI", "Couldn't parse the specified URI.");
    parameters query;
    for (const encoding::form_field& field : *fields)
        query.emplace(field.name, field.value);

    const std::string_view path = target->path.substr(1);
    const std::size_t slash = std::min(path.find('/'), path.size());
    const auto bucket = encoding::percent_decode(path.substr(0, slash));
    const auto key = encoding::percent_decode(path.substr(std::min(slash + 1, path.size())));
    if (!bucket || !key) return failure(400, "InvalidURI", "Couldn't parse the specified URI.");
    if (bucket->empty()) return request.method == "GET" ? list_buckets() : not_implemented();
    if (key->empty()) return on_bucket(request, *bucket, query, body);
    return on_object(request, *bucket, *key, query, std::move(body));
}

answer s3::list_buckets() const {
    encoding::xml_writer out;
    out.open("ListAllMyBucketsResult", s3_namespace);
    out.open("Owner");
    out.element("ID", "1");
    out.element("DisplayName", "stand-in");
    out.close();
    out.open("Buckets");
    for (const std::string& name : store_.buckets()) {
        out.open("Bucket");
        out.element("Name", name);
        out.element("CreationDate", "2024-01-01T00:00:00.000Z");
        out.close();
    }
    out.close();
    out.close();
    return xml(out.take());
}

answer s3::on_bucket(const http::request& request, const std::string& name, const parameters& query,
                     const std::string& body) {
    if (request.method == "PUT" && query.empty()) {
        store_.create(name);
        return {200, {{"Location", "/" + name}}};
    }
    const auto bucket = store_.find(name);
    if (!bucket) return no_such_bucket();
    if (request.method == "HEAD") return {200, {{"x-amz-bucket-region", std::string(region)}}};
    if (request.method == "POST" && query.contains("delete")) return erase_many(name, body);
    if (request.method != "GET") return not_implemented();
    if (query.contains("location")) {
        encoding::xml_writer out;
        out.element("LocationConstraint", region);
        return xml(out.take());
    }
    if (query.contains("versioning")) {
        encoding::xml_writer out;
        out.open("VersioningConfiguration", s3_namespace);
        out.close();
        return xml(out.take());
    }
    if (query.contains("uploads")) return list_uploads(name, query);
    for (const char* unknown : {"acl", "policy", "tagging", "lifecycle", "object-lock", "versions",
                                "encryption", "cors", "website"}) {
        if (query.contains(unknown)) return not_implemented();
    }
    return list_objects(name, *bucket, query);
}

answer s3::on_object(const http::request& request, const std::string& bucket,
                     const std::string& key, const parameters& query, std::string body) {
    const auto found = store_.find(bucket);
    if (!found) return no_such_bucket();
    if (query.contains("uploads") || query.contains("uploadId")) {
        return on_upload(request, bucket, key, query, std::move(body));
    }
    for (const char* unknown : {"acl", "tagging", "retention", "legal-hold"}) {
        if (query.contains(unknown)) return not_implemented();
    }
    if (request.method == "PUT") {
        const http::field* source = request.find("x-amz-copy-source");
        return source != nullptr ? copy(std::string(source->value), request, bucket, key)
                                 : write(request, bucket, key, std::move(body));
    }
    if (request.method == "DELETE") {
        store_.erase(bucket, key);
        return {204};
    }
    if (request.method != "GET" && request.method != "HEAD") return not_implemented();
    const auto object = found->objects.find(key);
    if (object == found->objects.end()) {
        return failure(404, "NoSuchKey", "The specified key does not exist.");
    }
    return read(request, object->second);
}

answer s3::read(const http::request& request, const object_pointer& found) const {
    answer out;
    out.fields = {{"Content-Type", found->content_type},
                  {"ETag", found->etag},
                  {"Accept-Ranges", "bytes"},
                  {"Last-Modified", base::imf_fixdate(found->modified)}};
    out.fields.insert(out.fields.end(), found->metadata.begin(), found->metadata.end());
    out.body = found->body;
    if (const http::field* asked = request.find("range")) {
        const auto part = parse_range(asked->value, found->body.size());
        if (!part) return failure(416, "InvalidRange", "The requested range is not satisfiable");
        out.status = 206;
        out.body = found->body.substr(part->first, part->last - part->first + 1);
        out.fields.emplace_back("Content-Range", "bytes " + std::to_string(part->first) + "-" +
                                                     std::to_string(part->last) + "/" +
                                                     std::to_string(found->body.size()));
    }
    if (request.method == "HEAD") {
        out.head_length = out.body.size();
        out.body.clear();
    }
    return out;
}

object s3::properties(const http::request& request) const {
    object out;
    const http::field* type = request.find("content-type");
    out.content_type = type != nullptr ? type->value : "binary/octet-stream";
    for (const http::field& field : request.fields) {
        if (starts_with_ignoring_case(field.name, "x-amz-meta-")) {
            out.metadata.emplace_back(field.name, field.value);
        }
    }
    out.modified = clock_.now();
    return out;
}

answer s3::write(const http::request& request, const std::string& bucket, const std::string& key,
                 std::string body) {
    object made = properties(request);
    made.etag = make_etag(body);
    made.body = std::move(body);
    const std::string etag = made.etag;
    store_.put(bucket, key, std::move(made));
    return {200, {{"ETag", etag}}};
}

answer s3::copy(const std::string& source, const http::request& request, const std::string& bucket,
                const std::string& key) {
    const auto decoded = encoding::percent_decode(source);
    if (!decoded) return failure(400, "InvalidArgument", "Invalid copy source");
    const std::string from = decoded->substr(decoded->starts_with('/') ? 1 : 0);
    const std::size_t slash = std::min(from.find('/'), from.size());
    const auto found = store_.find(from.substr(0, slash));
    const auto object = found ? found->objects.find(from.substr(std::min(slash + 1, from.size())))
                              : decltype(found->objects.end()){};
    if (!found || object == found->objects.end()) {
        return failure(404, "NoSuchKey", "The specified key does not exist.");
    }
    const http::field* directive = request.find("x-amz-metadata-directive");
    stand_in::object made = *object->second;
    if (directive != nullptr && directive->value == "REPLACE") {
        made = properties(request);
        made.body = object->second->body;
        made.etag = object->second->etag;
    }
    made.modified = clock_.now();
    encoding::xml_writer out;
    out.open("CopyObjectResult", s3_namespace);
    out.element("LastModified", base::iso8601(made.modified));
    out.element("ETag", made.etag);
    out.close();
    if (!store_.put(bucket, key, std::move(made))) return no_such_bucket();
    return xml(out.take());
}

answer s3::on_upload(const http::request& request, const std::string& bucket,
                     const std::string& key, const parameters& query, std::string body) {
    encoding::xml_writer out;
    if (request.method == "POST" && query.contains("uploads")) {
        out.open("InitiateMultipartUploadResult", s3_namespace);
        out.element("Bucket", bucket);
        out.element("Key", key);
        out.element("UploadId", store_.start_upload(bucket, key, properties(request)));
        out.close();
        return xml(out.take());
    }
    const auto id = query.find("uploadId");
    if (id == query.end()) return not_implemented();
    if (request.method == "PUT") {
        unsigned number = 0;
        const auto given = query.find("partNumber");
        if (given != query.end()) {
            const std::string& text = given->second;
            std::from_chars(text.data(), text.data() + text.size(), number);
        }
        if (number == 0) return failure(400, "InvalidArgument", "Part number must be an integer");
        const std::string etag = store_.put_part(id->second, number, std::move(body));
        if (etag.empty()) return no_such_upload();
        return {200, {{"ETag", etag}}};
    }
    if (request.method == "DELETE") {
        store_.drop_upload(id->second);
        return {204};
    }
    if (request.method == "GET") return list_parts(bucket, key, id->second);
    if (request.method != "POST") return not_implemented();
    auto made = store_.finish_upload(id->second);
    if (!made) return no_such_upload();
    out.open("CompleteMultipartUploadResult", s3_namespace);
    out.element("Bucket", bucket);
    out.element("Key", key);
    out.element("ETag", made->etag);
    out.close();
    if (!store_.put(bucket, key, std::move(*made))) return no_such_bucket();
    return xml(out.take());
}

answer s3::list_uploads(const std::string& bucket, const parameters& query) const {
    const auto prefix = query.find("prefix");
    encoding::xml_writer out;
    out.open("ListMultipartUploadsResult", s3_namespace);
    out.element("Bucket", bucket);
    out.element("IsTruncated", "false");
    for (const auto& [key, id] : store_.uploads(bucket)) {
        if (prefix != query.end() && !key.starts_with(prefix->second)) continue;
        out.open("Upload");
        out.element("Key", key);
        out.element("UploadId", id);
        out.element("Initiated", base::iso8601(clock_.now()));
        out.close();
    }
    out.close();
    return xml(out.take());
}

answer s3::list_parts(const std::string& bucket, const std::string& key,
                      const std::string& upload) const {
    const auto parts = store_.parts(upload);
    if (!parts) return no_such_upload();
    encoding::xml_writer out;
    out.open("ListPartsResult", s3_namespace);
    out.element("Bucket", bucket);
    out.element("Key", key);
    out.element("UploadId", upload);
    out.element("IsTruncated", "false");
    for (const object_store::part& part : *parts) {
        out.open("Part");
        out.element("PartNumber", std::to_string(part.number));
        out.element("ETag", part.etag);
        out.element("Size", std::to_string(part.size));
        out.element("LastModified", base::iso8601(clock_.now()));
        out.close();
    }
    out.close();
    return xml(out.take());
}

answer s3::erase_many(const std::string& bucket, const std::string& body) {
    encoding::xml_writer out;
    out.open("DeleteResult", s3_namespace);
    for (const std::string& key : elements(body, "Key")) {
        store_.erase(bucket, key);
        out.open("Deleted");
        out.element("Key", key);
        out.close();
    }
    out.close();
    return xml(out.take());
}

}  // namespace stand_in
