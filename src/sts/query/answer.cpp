#include "sts/query/answer.hpp"

#include <boost/json/array.hpp>

#include "audit_record/record.hpp"
#include "base/secret.hpp"
#include "base/time_text.hpp"
#include "encoding/json.hpp"
#include "encoding/xml_writer.hpp"
#include "sts/wire_error.hpp"

namespace sts {

namespace {

// Verifiers such as Vault's compare the type exactly: no charset parameter.
constexpr std::string_view xml_headers = "Content-Type: text/xml\r\nVary: accept-encoding\r\n";
constexpr std::string_view json_headers =
    "Content-Type: application/json\r\nVary: accept-encoding\r\n";

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t'))
        text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t'))
        text.remove_suffix(1);
    return text;
}

/// "q=0", "q=0.000": not acceptable (RFC 9110 section 12.4.2).
bool refused(std::string_view parameters) {
    while (!parameters.empty()) {
        const auto end = parameters.find(';');
        const std::string_view one = trimmed(parameters.substr(0, end));
        parameters.remove_prefix(end == std::string_view::npos ? parameters.size() : end + 1);
        if (one.size() > 2 && (one[0] == 'q' || one[0] == 'Q') && one[1] == '=')
            return one.substr(2).find_first_not_of("0.") == std::string_view::npos;
    }
    return false;
}

void finish(unsigned status, std::string_view request_id, answer_format format, std::string body,
            http::response& answer) {
    answer.status = status;
    answer.headers = format == answer_format::json ? json_headers : xml_headers;
    answer.more_headers += "x-amzn-RequestId: ";
    answer.more_headers += request_id;
    answer.more_headers += "\r\n";
    answer.own_body(std::move(body));
    // As captured from STS: connections end with a 400. A body that was too large was not read.
    answer.close = status == 400 || status == 413;
}

}  // namespace

result_node::~result_node() {
    base::wipe(text_.data(), text_.size());
}

result_node result_node::text(std::string_view name, std::string_view value) {
    result_node node;
    node.name_ = name;
    node.text_ = value;
    return node;
}

result_node result_node::number(std::string_view name, long long value) {
    result_node node;
    node.kind_ = type::number;
    node.name_ = name;
    node.number_ = value;
    return node;
}

result_node result_node::time(std::string_view name, base::wall_time value) {
    result_node node;
    node.kind_ = type::time;
    node.name_ = name;
    node.text_ = base::iso8601(value);
    node.number_ = std::chrono::floor<base::seconds>(value).time_since_epoch().count();
    return node;
}

result_node result_node::group(std::string_view name, std::vector<result_node> members) {
    result_node node;
    node.kind_ = type::group;
    node.name_ = name;
    node.members_ = std::move(members);
    return node;
}

result_node result_node::list(std::string_view name, std::vector<result_node> members) {
    result_node node = group(name, std::move(members));
    node.kind_ = type::list;
    return node;
}

result_node result_node::secret(std::string_view name, base::secret value) {
    result_node node;
    node.kind_ = type::secret;
    node.name_ = name;
    node.secret_ = std::make_shared<const base::secret>(std::move(value));
    return node;
}

result_node result_node::nothing() {
    result_node node;
    node.kind_ = type::nothing;
    return node;
}

class result_renderer {
public:
    using type = result_node::type;

    static void xml(const std::vector<result_node>& nodes, encoding::xml_writer& out) {
        for (const result_node& node : nodes) {
            if (node.kind_ == type::nothing) continue;
            if (node.kind_ == type::group || node.kind_ == type::list) {
                out.open(node.name_);
                xml(node.members_, out);
                out.close();
            } else if (node.kind_ == type::secret) {
                out.element(node.name_, node.secret_->reveal());
            } else if (node.kind_ == type::number) {
                out.element(node.name_, std::to_string(node.number_));
            } else {
                out.element(node.name_, node.text_);
            }
        }
    }

    static void json(const std::vector<result_node>& nodes, std::string& out) {
        out += '{';
        bool first = true;
        for (const result_node& node : nodes) {
            if (node.kind_ == type::nothing) continue;
            if (!first) out += ',';
            first = false;
            out += encoding::json_quoted(node.name_) + ':';
            json_value(node, out);
        }
        out += '}';
    }

    static boost::json::object shown(const std::vector<result_node>& nodes) {
        boost::json::object out;
        for (const result_node& node : nodes) {
            if (node.kind_ == type::secret || node.kind_ == type::nothing) continue;
            std::string name = node.name_;
            if (!name.empty() && name[0] >= 'A' && name[0] <= 'Z') name[0] += 'a' - 'A';
            out[name] = shown_value(node);
        }
        return out;
    }

    /// More than the text takes: a buffer that grows would leave copies of secrets behind.
    static std::size_t room(const std::vector<result_node>& nodes, std::size_t depth = 3) {
        constexpr std::size_t longest_escape = 6;
        std::size_t size = 64;
        for (const result_node& node : nodes) {
            size += 2 * node.name_.size() + longest_escape * node.text_.size() + 4 * depth + 64;
            if (node.secret_) size += node.secret_->size();
            if (!node.members_.empty()) size += room(node.members_, depth + 1);
        }
        return size;
    }

private:
    static boost::json::value shown_value(const result_node& node) {
        switch (node.kind_) {
            case type::group:
                return shown(node.members_);
            case type::number:
                return node.number_;
            case type::time:
                return boost::json::string(
                    audit_record::expiration_text(base::wall_time(base::seconds(node.number_))));
            case type::list: {
                boost::json::array out;
                for (const result_node& member : node.members_) {
                    if (member.kind_ != type::secret) out.push_back(shown_value(member));
                }
                return out;
            }
            case type::text:
            case type::secret:
            case type::nothing:
                break;
        }
        return boost::json::string(node.text_);
    }

    static void json_value(const result_node& node, std::string& out) {
        if (node.kind_ == type::group) {
            json(node.members_, out);
        } else if (node.kind_ == type::list) {
            json_array(node.members_, out);
        } else if (node.kind_ == type::secret) {
            out.append(1, '"').append(node.secret_->reveal()).append(1, '"');
        } else if (node.kind_ == type::text) {
            std::string quoted = encoding::json_quoted(node.text_);
            out += quoted;
            base::wipe(quoted.data(), quoted.size());
        } else {
            out += std::to_string(node.number_);
        }
    }

    static void json_array(const std::vector<result_node>& members, std::string& out) {
        out += '[';
        for (const result_node& member : members) {
            if (&member != &members.front()) out += ',';
            json_value(member, out);
        }
        out += ']';
    }
};

boost::json::object shown_result_nodes(const std::vector<result_node>& members) {
    return result_renderer::shown(members);
}

answer_format format_of(const http::request& request) {
    for (const http::field& field : request.fields) {
        if (!http::equal_ignoring_case(field.name, "accept")) continue;
        std::string_view rest = field.value;
        while (!rest.empty()) {
            const auto comma = rest.find(',');
            const std::string_view range = rest.substr(0, comma);
            rest.remove_prefix(comma == std::string_view::npos ? rest.size() : comma + 1);
            const auto semicolon = range.find(';');
            const std::string_view media = trimmed(range.substr(0, semicolon));
            if (media.empty()) continue;
            if (semicolon != std::string_view::npos && refused(range.substr(semicolon + 1)))
                continue;
            return http::equal_ignoring_case(media, "application/json") ? answer_format::json
                                                                        : answer_format::xml;
        }
    }
    return answer_format::xml;
}

void write_success(std::string_view action, const std::vector<result_node>& members,
                   std::string_view request_id, const answer_style& style, http::response& answer) {
    constexpr std::size_t frame = 512;
    const std::string name(action);
    const std::size_t room = frame + 4 * name.size() + result_renderer::room(members);
    std::string body;
    if (style.format == answer_format::json) {
        body.reserve(room);
        body += "{\"" + name + "Response\":{";
        if (!members.empty()) {
            body += '"' + name + "Result\":";
            result_renderer::json(members, body);
            body += ',';
        }
        body += "\"ResponseMetadata\":{\"RequestId\":" + encoding::json_quoted(request_id) + "}}}";
    } else {
        encoding::xml_writer out(room);
        out.open(name + "Response", style.xml_namespace);
        if (!members.empty()) {
            out.open(name + "Result");
            result_renderer::xml(members, out);
            out.close();
        }
        out.open("ResponseMetadata");
        out.element("RequestId", request_id);
        out.close();
        out.close();
        body = out.take();
    }
    finish(200, request_id, style.format, std::move(body), answer);
}

namespace {

void write_error(unsigned status, const base::error& failure, std::string_view request_id,
                 const answer_style& style, http::response& answer) {
    const std::string_view type = status >= 500 ? "Receiver" : "Sender";
    std::string body;
    if (style.format == answer_format::json) {
        body = "{\"Error\":{\"Code\":" + encoding::json_quoted(failure.code) +
               ",\"Message\":" + encoding::json_quoted(failure.message) +
               ",\"Type\":" + encoding::json_quoted(type) +
               "},\"RequestId\":" + encoding::json_quoted(request_id) + "}";
    } else {
        encoding::xml_writer out;
        out.open("ErrorResponse", style.xml_namespace);
        out.open("Error");
        out.element("Type", type);
        out.element("Code", failure.code);
        out.element("Message", failure.message);
        out.close();
        out.element("RequestId", request_id);
        out.close();
        body = out.take();
    }
    finish(status, request_id, style.format, std::move(body), answer);
}

}  // namespace

void write_failure(const base::error& failure, std::string_view request_id,
                   const answer_style& style, http::response& answer) {
    if (failure.code == "MethodNotAllowed") answer.more_headers += "Allow: GET, POST\r\n";
    write_error(status_of(failure.code), failure, request_id, style, answer);
}

void write_refusal(std::string_view request_id, answer_format format, http::response& answer) {
    const unsigned status = answer.status;
    const std::string_view code = status == 413   ? "RequestEntityTooLarge"
                                  : status == 408 ? "RequestTimeout"
                                  : status == 503 ? "ServiceUnavailable"
                                                  : "MalformedHttpRequestException";
    std::string reason(answer.body);
    if (reason.empty()) reason = "The request was not complete in time";
    write_error(status, wire_error(code, std::move(reason)), request_id, {format}, answer);
}

}  // namespace sts
