// Signatures by known answers: what other implementations of Standard Webhooks make of the same.
#include "handlers/base64.hpp"
#include "handlers/webhook_signature.hpp"
#include "tests/support/catch.hpp"

using namespace errand;

namespace {

// The example of the specification's own libraries.
constexpr auto secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
constexpr auto id = "msg_p5jXN8AQM9LWM0D4loKWxJek";
constexpr int64_t sent_at_s = 1614265330;
constexpr auto body = R"({"test": 2432232314})";
constexpr auto signature = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";

std::string key_of(std::string_view text) {
  const auto key = webhook_key(text);
  REQUIRE(key);
  return *key;
}

std::string whsec(size_t bytes) {
  return "whsec_" + base64(std::string(bytes, 'k'));
}

} // namespace

TEST_CASE("a signature is what the specification's example says") {
  CHECK(webhook_headers({key_of(secret)}, id, sent_at_s, body)
        == header_list{{"webhook-id", id},
                       {"webhook-timestamp", "1614265330"},
                       {"webhook-signature", signature}});
}

TEST_CASE("each secret signs, so that one can be replaced") {
  const auto other = key_of(whsec(32));
  const auto both = webhook_headers({other, key_of(secret)}, id, sent_at_s, body);
  REQUIRE(both.size() == 3);
  const auto alone = webhook_headers({other}, id, sent_at_s, body);
  CHECK(both[2].second == alone[2].second + ' ' + signature);
}

TEST_CASE("without a secret nothing is signed") {
  CHECK(webhook_headers({}, id, sent_at_s, body).empty());
}

TEST_CASE("a secret is whsec_ and 24 to 64 bytes in base64") {
  for (const size_t bytes : {24, 25, 26, 64})
    CHECK(key_of(whsec(bytes)) == std::string(bytes, 'k'));
  for (const auto& text :
       {std::string(), std::string("whsec_"), whsec(23), whsec(65), base64(std::string(24, 'k')),
        "WHSEC_" + base64(std::string(24, 'k')), whsec(24) + " ", whsec(24).insert(10, "-")}) {
    INFO(text);
    CHECK_FALSE(webhook_key(text));
  }
}

TEST_CASE("base64 is that of RFC 4648, and comes back") {
  const auto [bytes, text] = GENERATE(values<std::pair<std::string, std::string>>({
      {"", ""},
      {"f", "Zg=="},
      {"fo", "Zm8="},
      {"foo", "Zm9v"},
      {"foob", "Zm9vYg=="},
      {"fooba", "Zm9vYmE="},
      {"foobar", "Zm9vYmFy"},
      {std::string("\0\xff\xfe", 3), "AP/+"},
  }));
  CHECK(base64(bytes) == text);
  CHECK(from_base64(text) == bytes);
  CHECK(from_base64(text.substr(0, text.find('='))) == bytes);
}

TEST_CASE("what is no base64 is not taken for it") {
  for (const auto* text :
       {"Z", "Zm9vY", "Zg=", "Zm9=v", "====", "Zm 9v", "Zm9v\n", "Zm9-", "Zg==="}) {
    INFO(text);
    CHECK_FALSE(from_base64(text));
  }
}
