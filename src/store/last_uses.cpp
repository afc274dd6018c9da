#include "store/last_uses.hpp"

#include <boost/json/object.hpp>

#include "encoding/json.hpp"

namespace store {

namespace json = boost::json;

row_change last_use_row(const std::string& id, const iam::last_use& use) {
    const json::object body{{"at", std::int64_t(use.at.time_since_epoch().count())},
                            {"service", use.service},
                            {"region", use.region}};
    return {std::string(last_use_kind), id, encoding::json_text(body)};
}

base::result<iam::last_use> read_last_use(std::string_view body) {
    const auto parsed = encoding::parse_json(body);
    if (!parsed) return parsed.error();
    const json::object* members = parsed->if_object();
    const json::value* at = members == nullptr ? nullptr : members->if_contains("at");
    const json::value* service = members == nullptr ? nullptr : members->if_contains("service");
    const json::value* region = members == nullptr ? nullptr : members->if_contains("region");
    if (at == nullptr || !at->is_int64() || service == nullptr || !service->is_string() ||
        region == nullptr || !region->is_string())
        return base::invalid("'at', 'service' or 'region' is missing or of another type");
    return iam::last_use{base::wall_time(base::milliseconds(at->get_int64())),
                         std::string(std::string_view(service->get_string())),
                         std::string(std::string_view(region->get_string()))};
}

}  // namespace store
