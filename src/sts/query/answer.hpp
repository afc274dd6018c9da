#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/json/object.hpp>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/secret.hpp"
#include "http/request.hpp"
#include "http/response.hpp"

namespace sts {

/// The result of an action, rendered as XML or JSON. Absent members are left out, never empty.
class result_node {
public:
    result_node() = default;
    result_node(const result_node&) = default;
    result_node& operator=(const result_node&) = default;
    result_node(result_node&&) = default;
    result_node& operator=(result_node&&) = default;
    /// Texts are wiped: credentials are among them.
    ~result_node();

    static result_node text(std::string_view name, std::string_view value);
    static result_node number(std::string_view name, long long value);
    /// ISO 8601 in XML, epoch seconds in JSON.
    static result_node time(std::string_view name, base::wall_time value);
    static result_node group(std::string_view name, std::vector<result_node> members);
    /// A list of groups, or of texts, each named `member`: so they are in XML; an array in JSON.
    static result_node list(std::string_view name, std::vector<result_node> members);
    /// A secret's text, wiped with the last copy of the node. It must need no escapes.
    static result_node secret(std::string_view name, base::secret value);
    /// For an answer whose result element is there though it holds nothing (IAM's UpdateRole).
    static result_node nothing();

private:
    enum class type { text, number, time, group, list, secret, nothing };
    friend class result_renderer;

    type kind_ = type::text;
    std::string name_;
    std::string text_;
    long long number_ = 0;
    std::vector<result_node> members_;
    std::shared_ptr<const base::secret> secret_;
};

enum class answer_format { xml, json };

/// JSON only when the first acceptable media type of `Accept` is application/json.
answer_format format_of(const http::request& request);

/// How an answer is written.
struct answer_style {
    answer_format format = answer_format::xml;
    std::string_view xml_namespace = "https://sts.amazonaws.com/doc/2011-06-15/";
};

/// An action without members (IAM's DeleteUser, …) has no result element, as in IAM's answers.
void write_success(std::string_view action, const std::vector<result_node>& members,
                   std::string_view request_id, const answer_style& style, http::response& answer);
void write_failure(const base::error& failure, std::string_view request_id,
                   const answer_style& style, http::response& answer);
/// An answer as audit records tell of it (CloudTrail's responseElements): names begin in lower
/// case, secrets are left out.
boost::json::object shown_result_nodes(const std::vector<result_node>& members);

/// For a request that is none by HTTP's own rules: keeps the status, and the body that says why.
void write_refusal(std::string_view request_id, answer_format format, http::response& answer);

}  // namespace sts
