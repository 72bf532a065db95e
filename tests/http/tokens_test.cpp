#include "http/tokens.hpp"
#include "tests/support/catch.hpp"

#include <openssl/crypto.h>
#include <set>

using namespace errand;

namespace {

struct comparison {
  const void* stored;
  size_t size;
};
std::vector<comparison> comparisons;

/// OpenSSL's, and written down.
int recorded_compare(const void* stored, const void* presented, size_t size) {
  comparisons.push_back({stored, size});
  return CRYPTO_memcmp(stored, presented, size);
}

std::vector<known_token> three_tokens() {
  return {{"a", hash_of_token("token-of-a"), {scope::read}},
          {"b", hash_of_token("token-of-b"), {scope::submit}},
          {"c", hash_of_token("token-of-c"), {scope::admin}}};
}

} // namespace

TEST_CASE("a token is found by its hash, with its name and scopes", "[tokens]") {
  const token_ring ring(three_tokens());
  for (const auto& known : three_tokens()) {
    const auto* found = ring.find("token-of-" + known.name);
    REQUIRE(found);
    CHECK(found->name == known.name);
    CHECK(found->scopes == known.scopes);
  }
  for (const auto* other : {"", "token-of-", "token-of-d", "token-of-a ", "Token-of-a"})
    CHECK(ring.find(other) == nullptr);
  CHECK(token_ring({}).find("token-of-a") == nullptr);
}

TEST_CASE("whatever is presented, every token's whole hash is compared", "[tokens]") {
  const token_ring ring(three_tokens(), recorded_compare);
  for (const auto* presented : {"token-of-a", "token-of-b", "token-of-c", "none", ""}) {
    comparisons.clear();
    ring.find(presented);
    std::set<const void*> stored;
    for (const auto& each : comparisons) {
      CHECK(each.size == 32);
      stored.insert(each.stored);
    }
    CHECK(comparisons.size() == 3);
    CHECK(stored.size() == 3);
  }
}

TEST_CASE("the hash of a token is that of SHA-256, and reads back", "[tokens]") {
  const auto hash = hash_of_token("abc");
  const auto text = to_string(hash);
  CHECK(text == "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  CHECK(parse_token_hash(text) == hash);
  for (const auto* wrong :
       {"", "sha256:", "sha256:00",
        "sha1:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
        "sha256:BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD",
        "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ag",
        "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad0"})
    CHECK_FALSE(parse_token_hash(wrong));
}

TEST_CASE("new tokens are 256 random bits each", "[tokens]") {
  std::set<std::string> tokens;
  for (int i = 0; i < 1000; ++i) {
    const auto token = new_token();
    CHECK(token.size() == 7 + 43);
    CHECK(token.starts_with("errand_"));
    CHECK(is_token_text(token));
    tokens.insert(token);
  }
  CHECK(tokens.size() == 1000);
}

TEST_CASE("a scope suffices for what asks for it, and admin for everything", "[tokens]") {
  for (const auto needed : all_scopes)
    for (const auto held : all_scopes)
      CHECK(scope_set{held}.suffices_for({needed}) == (held == needed || held == scope::admin));
  CHECK(scope_set{scope::submit}.suffices_for({scope::read, scope::submit}));
  CHECK_FALSE(scope_set{scope::work}.suffices_for({scope::read, scope::submit}));
  CHECK(scope_set{}.suffices_for(open_to_all));
  CHECK_FALSE(scope_set{}.suffices_for(any_scope));
  CHECK(to_string(scope_set{scope::submit, scope::read}) == "read submit");
  CHECK(parse_scope("work") == scope::work);
  CHECK_FALSE(parse_scope("Work"));
}
