#pragma once

#include <memory>
#include <string>
#include <vector>

#include "imds/responder.hpp"
#include "support/counting_random.hpp"

/// An instance with fixed values, and one caller that asks it.
class fixture {
public:
    profile::role_profile profile = example();
    imds::credential_state credentials;
    imds::credential_state instance_credentials;
    const imds::signed_identity* identity = nullptr;
    imds::responder_options options;
    base::wall_time now{base::seconds(1790000000)};
    base::boot_time boot{base::seconds(5000)};
    std::string subject = "u1000";
    bool wait = false;
    bool over_ipv6 = false;
    std::optional<base::seconds> pretended_expiry;

    static profile::role_profile example() {
        profile::role_profile p;
        p.name = "app";
        p.granted_role = {"arn:aws:iam::123456789012:role/app-role", "app-role", "123456789012"};
        p.instance_profile_name = "app-profile";
        p.metadata.http_tokens_required = false;
        auto& i = p.instance;
        i.instance_id = "i-1234567890abcdef0";
        i.instance_type = "m5.large";
        i.image_id = "ami-0abcdef1234567890";
        i.region = "us-east-1";
        i.availability_zone = "us-east-1a";
        i.availability_zone_id = "use1-az4";
        i.architecture = "x86_64";
        i.hostname = "ip-10-0-1-17.ec2.internal";
        i.reservation_id = "r-1";
        i.account = "123456789012";
        i.public_keys = {{"my-key", "ssh-ed25519 AAAA my-key"}};
        i.pending_time = base::wall_time(base::seconds(1789999000));
        auto& eth0 = i.primary();
        eth0.id = "eni-1";
        eth0.mac = "02:29:96:8f:6a:2d";
        eth0.local_ipv4s = {"10.0.1.17"};
        eth0.public_ipv4s = {{"203.0.113.25", {}}};
        eth0.security_groups = {{"default", "sg-1"}};
        eth0.subnet_id = "subnet-1";
        eth0.subnet_ipv4_cidr_block = "10.0.1.0/24";
        eth0.vpc_id = "vpc-1";
        eth0.vpc_ipv4_cidr_blocks = {"10.0.0.0/16"};
        return profile::resolve(p, {});
    }

    aws::credentials issued() const {
        aws::credentials c;
        c.access_key_id = "ASIARZPUZDIKAAAAAAAA";
        c.secret_access_key = base::secret(std::string(40, 's'));
        c.session_token = base::secret("token/+==");
        c.expiration = now + std::chrono::hours(1);
        return c;
    }

    using fields = std::vector<http::field>;

    struct reply {
        unsigned status;
        std::string reason, headers, body;
        imds::outcome done;
    };

    reply ask(std::string_view method, std::string_view target, fields sent = {}) {
        if (!served_ || rebuild_) {
            served_ = std::make_unique<imds::metadata>(profile, now);
            rebuild_ = false;
        }
        http::request request;
        request.method = method;
        request.target = target;
        request.fields = sent;
        answer_.clear();
        const imds::request_context context{
            *served_,  tokens_,         credentials, instance_credentials,
            identity,  options,         now,         boot,
            subject,   random_,         remembered_, scratch_,
            over_ipv6, pretended_expiry};
        const imds::outcome done = imds::respond(request, context, wait, answer_);
        return {answer_.status, std::string(answer_.reason),
                std::string(answer_.headers) + answer_.more_headers, std::string(answer_.body),
                done};
    }

    reply get(std::string_view target, fields sent = {}) {
        return ask("GET", target, std::move(sent));
    }

    std::string token(std::string_view life = "60") {
        return ask("PUT", "/latest/api/token", {{"x-aws-ec2-metadata-token-ttl-seconds", life}})
            .body;
    }

    void changed() { rebuild_ = true; }
    /// The next request comes over another connection.
    void reconnect() { remembered_ = {}; }

private:
    imds::token_authority tokens_{"persisted", "boot"};
    support::counting_random random_;
    imds::remembered_token remembered_;
    http::path_segments scratch_;
    http::response answer_;
    std::unique_ptr<imds::metadata> served_;
    bool rebuild_ = false;
};
