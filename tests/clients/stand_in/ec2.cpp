#include "ec2.hpp"

#include "encoding/form.hpp"
#include "encoding/xml_writer.hpp"
#include "s3.hpp"

namespace stand_in {
namespace {

constexpr std::string_view ec2_namespace = "http://ec2.amazonaws.com/doc/2016-11-15/";

void write_instance(encoding::xml_writer& out) {
    out.open("reservationSet");
    out.open("item");
    out.element("reservationId", "r-0123456789abcdef0");
    out.element("ownerId", "123456789012");
    out.open("instancesSet");
    out.open("item");
    out.element("instanceId", "i-00000000000000042");
    out.element("imageId", "ami-00000000000000042");
    out.element("instanceType", "m5.large");
    out.element("privateIpAddress", "10.0.0.42");
    out.element("privateDnsName", "ip-10-0-0-42.ec2.internal");
    out.element("subnetId", "subnet-00000000000000042");
    out.element("vpcId", "vpc-00000000000000042");
    out.open("instanceState");
    out.element("code", "16");
    out.element("name", "running");
    out.close();
    out.open("placement");
    out.element("availabilityZone", "eu-central-1a");
    out.close();
    for (int i = 0; i < 4; ++i)
        out.close();
}

void write_zone(encoding::xml_writer& out) {
    out.open("availabilityZoneInfo");
    out.open("item");
    out.element("zoneName", "eu-central-1a");
    out.element("zoneId", "euc1-az2");
    out.element("regionName", "eu-central-1");
    out.element("zoneState", "available");
    out.close();
    out.close();
}

}  // namespace

answer handle_ec2(const std::string& body) {
    std::string action;
    if (const auto fields = encoding::parse_form(body)) {
        for (const encoding::form_field& field : *fields) {
            if (field.name == "Action") action = field.value;
        }
    }
    if (action != "DescribeInstances" && action != "DescribeAvailabilityZones" &&
        action != "DescribeImages") {
        return s3::failure(400, "InvalidAction", "The stand-in does not know this action.");
    }
    encoding::xml_writer out;
    out.open(action + "Response", ec2_namespace);
    out.element("requestId", "1");
    if (action == "DescribeInstances") {
        write_instance(out);
    } else if (action == "DescribeImages") {
        // Nobody has any.
        out.open("imagesSet");
        out.close();
    } else {
        write_zone(out);
    }
    out.close();
    return xml(out.take());
}

}  // namespace stand_in
