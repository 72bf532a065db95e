// Which addresses tasks may connect to, as a table.
#include "handlers/address_rules.hpp"
#include "tests/support/catch.hpp"

using namespace errand;

namespace {

ip_address address(std::string_view text) {
  const auto parsed = ip_address::parse(text);
  INFO(text);
  REQUIRE(parsed);
  return *parsed;
}

ip_net net(std::string_view text) {
  const auto parsed = ip_net::parse(text);
  INFO(text);
  REQUIRE(parsed);
  return *parsed;
}

struct use {
  std::string_view address;
  std::string_view what; ///< Empty: public.
};

} // namespace

TEST_CASE("addresses that are not of the public internet have a special use") {
  const auto [text, what] = GENERATE(values<use>({
      // The first and last of each net, and their public neighbours.
      {"0.0.0.0", "unspecified"},
      {"0.255.255.255", "unspecified"},
      {"1.0.0.0", ""},
      {"9.255.255.255", ""},
      {"10.0.0.0", "private"},
      {"10.255.255.255", "private"},
      {"11.0.0.0", ""},
      {"100.63.255.255", ""},
      {"100.64.0.0", "private"},
      {"100.100.100.200", "metadata"},
      {"100.127.255.255", "private"},
      {"100.128.0.0", ""},
      {"126.255.255.255", ""},
      {"127.0.0.1", "loopback"},
      {"127.255.255.255", "loopback"},
      {"128.0.0.0", ""},
      {"168.63.129.16", "metadata"},
      {"169.253.255.255", ""},
      {"169.254.0.0", "link-local"},
      {"169.254.169.254", "metadata"},
      {"169.254.255.255", "link-local"},
      {"169.255.0.0", ""},
      {"172.15.255.255", ""},
      {"172.16.0.0", "private"},
      {"172.31.255.255", "private"},
      {"172.32.0.0", ""},
      {"192.0.0.255", "reserved"},
      {"192.0.1.0", ""},
      {"192.0.2.1", "documentation"},
      {"192.88.99.1", "reserved"},
      {"192.167.255.255", ""},
      {"192.168.0.0", "private"},
      {"192.168.255.255", "private"},
      {"192.169.0.0", ""},
      {"198.17.255.255", ""},
      {"198.18.0.0", "benchmarks"},
      {"198.19.255.255", "benchmarks"},
      {"198.20.0.0", ""},
      {"198.51.100.1", "documentation"},
      {"203.0.113.1", "documentation"},
      {"223.255.255.255", ""},
      {"224.0.0.1", "multicast"},
      {"239.255.255.255", "multicast"},
      {"240.0.0.0", "reserved"},
      {"255.255.255.255", "reserved"},
      {"::", "unspecified"},
      {"::1", "loopback"},
      {"::2", "reserved"},
      {"1fff::1", "reserved"},
      {"2000::1", ""},
      {"2001::1", "reserved"},
      {"2001:2::1", "reserved"},
      {"2001:1ff:ffff::1", "reserved"},
      {"2001:200::1", ""},
      {"2001:db8::1", "documentation"},
      {"2001:db9::1", ""},
      {"2606:4700::1111", ""},
      {"3fff:fff::1", "documentation"},
      {"3fff:1000::1", ""},
      {"4000::1", "reserved"},
      {"5f00::1", "reserved"},
      {"fc00::1", "private"},
      {"fd00:ec2::254", "metadata"},
      {"fd20:ce::254", "metadata"},
      {"fdff::1", "private"},
      {"fe80::1", "link-local"},
      {"febf::1", "link-local"},
      {"fec0::1", "private"},
      {"ff02::1", "multicast"},
      // IPv4 addresses in the clothes of IPv6.
      {"::ffff:127.0.0.1", "loopback"},
      {"::ffff:10.1.2.3", "private"},
      {"::ffff:169.254.169.254", "metadata"},
      {"::ffff:1.1.1.1", ""},
      {"::127.0.0.1", "reserved"}, // IPv4-compatible
      {"::ffff:0:127.0.0.1", "reserved"},
      {"64:ff9b::7f00:1", "loopback"},
      {"64:ff9b::169.254.169.254", "metadata"},
      {"64:ff9b::1.1.1.1", ""},
      {"64:ff9b:1::1.1.1.1", "private"},
      {"2002:7f00:1::1", "loopback"},
      {"2002:c0a8:101::1", "private"},
      {"2002:101:101::1", ""},
  }));
  INFO(text);
  const auto found = special_use(address(text));
  CHECK(found.has_value() == !what.empty());
  CHECK(found.value_or("").find(what) != std::string_view::npos);
}

TEST_CASE("an address is refused with its use and the setting that would allow it") {
  CHECK(address_policy{}.why_not(address("10.0.0.5"))
        == "10.0.0.5 is a private address, and tasks may connect to public ones only; list it in"
           " the setting http_task.allow if they shall");
  CHECK_FALSE(address_policy{}.why_not(address("1.1.1.1")));
}

TEST_CASE("what the configuration allows is allowed, in whatever clothes, and nothing beside it") {
  const address_policy policy{{net("127.0.0.1/32"), net("10.2.0.0/15"), net("fd00:1::/33")}};
  for (const auto* text : {"127.0.0.1", "10.2.0.0", "10.3.255.255", "::ffff:127.0.0.1",
                           "64:ff9b::10.2.0.1", "2002:7f00:1::", "fd00:1:7fff::1", "8.8.8.8"}) {
    INFO(text);
    CHECK_FALSE(policy.why_not(address(text)));
  }
  for (const auto* text : {"127.0.0.2", "10.4.0.0", "10.1.255.255", "::1", "::ffff:127.0.0.2",
                           "64:ff9b::10.4.0.1", "fd00:1:8000::1", "fd00:2::1"}) {
    INFO(text);
    CHECK(policy.why_not(address(text)));
  }
}

TEST_CASE("all of IPv4 or IPv6 can be allowed") {
  const address_policy v4{{net("0.0.0.0/0")}};
  CHECK_FALSE(v4.why_not(address("127.0.0.1")));
  CHECK(v4.why_not(address("::1")));
  const address_policy v6{{net("::/0")}};
  CHECK_FALSE(v6.why_not(address("::1")));
  CHECK(v6.why_not(address("127.0.0.1")));
}

TEST_CASE("what is no address or net is not taken for one") {
  for (const auto* text : {"", "localhost", "127.1", "0177.0.0.1", "2130706433", "10.0.0.1/8",
                           "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/-1", "10.0.0.0/8 ", " 10.0.0.0",
                           "fe80::1%eth0", "::/129", "fd00::1/8", "[::1]", "10.0.0.0/8/8"}) {
    INFO(text);
    CHECK_FALSE(ip_net::parse(text));
  }
  CHECK(net("10.0.0.1").bits == 32);
  CHECK(net("::1").bits == 128);
  CHECK(net("0.0.0.0/0").bits == 0);
}

TEST_CASE("an address shows as it is written") {
  for (const auto* text : {"10.0.0.1", "::1", "fd00:ec2::254", "::ffff:127.0.0.1"})
    CHECK(address(text).to_string() == text);
}
