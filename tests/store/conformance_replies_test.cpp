// Replies kept for requests that come twice: found by key while they are young, replaced,
// forgotten.
#include "tests/store/conformance.hpp"

namespace errand::test {

namespace {

using namespace std::chrono_literals;

constexpr auto long_ago = noon - 24h;

/// The bytes that only a blob holds, and a text that only escaping would break.
kept_reply sample(const std::string& key, const std::string& body = "{\"id\": 1}") {
  return {{key, std::string("\0\xff\x80", 3) + key},
          202,
          "application/json",
          "Location: /v1/tasks/1\r\nPreference-Applied: wait=1\r\n",
          body};
}

bool keep(store_fixture& fixture, const kept_reply& reply, timestamp now = noon) {
  return fixture.committed([&] { return fixture.db().keep_reply(reply, now); });
}

std::optional<kept_reply> find(store_fixture& fixture, const std::string& key,
                               timestamp since = long_ago) {
  return fixture.committed([&] { return fixture.db().find_reply(key, since); });
}

size_t forget(store_fixture& fixture, timestamp until, size_t max) {
  return fixture.committed([&] { return fixture.db().forget_replies(until, max); });
}

void check_same(const std::optional<kept_reply>& found, const kept_reply& kept) {
  REQUIRE(found);
  CHECK(found->mark.key == kept.mark.key);
  CHECK(found->mark.fingerprint == kept.mark.fingerprint);
  CHECK(found->status == kept.status);
  CHECK(found->content_type == kept.content_type);
  CHECK(found->headers == kept.headers);
  CHECK(found->body == kept.body);
}

} // namespace

TEST_CASE("a reply is found by its key as it was kept, and by no other", "[store]") {
  FOR_EVERY_STORE(fixture);
  auto large = sample("large", std::string(1 << 20, 'x'));
  large.body[1000] = '\0';
  const auto empty = kept_reply{{"empty", std::string(32, '\0')}, 204, "", "", ""};
  for (const auto& reply : {sample("a"), large, empty, sample("A"), sample("a%")})
    REQUIRE(keep(fixture, reply));
  check_same(find(fixture, "a"), sample("a"));
  check_same(find(fixture, "A"), sample("A"));
  check_same(find(fixture, "large"), large);
  check_same(find(fixture, "empty"), empty);
  CHECK(!find(fixture, "b"));
  CHECK(!find(fixture, ""));
  if (!fixture.place().is_durable())
    return;
  fixture.reopen_after_crash();
  check_same(find(fixture, "a"), sample("a"));
  check_same(find(fixture, "large"), large);
}

TEST_CASE("a reply is found within its own transaction, and gone if that is undone", "[store]") {
  FOR_EVERY_STORE(fixture);
  store_fixture::require_ok(fixture.db().begin());
  REQUIRE(fixture.db().keep_reply(sample("a"), noon));
  check_same(fixture.db().find_reply("a", long_ago), sample("a"));
  if (!fixture.place().is_durable())
    return store_fixture::require_ok(fixture.db().commit());
  fixture.reopen_after_crash();
  CHECK(!find(fixture, "a"));
}

TEST_CASE("a reply that is as old as asked for is not found", "[store]") {
  FOR_EVERY_STORE(fixture);
  REQUIRE(keep(fixture, sample("a"), noon));
  CHECK(find(fixture, "a", noon - 1us));
  CHECK(!find(fixture, "a", noon));
}

TEST_CASE("a later reply takes the place of one with the same key, and lives from then on",
          "[store]") {
  FOR_EVERY_STORE(fixture);
  REQUIRE(keep(fixture, sample("a"), noon));
  REQUIRE(keep(fixture, sample("b"), noon + 1s));
  auto later = sample("a", "other");
  later.mark.fingerprint = "other";
  later.status = 200;
  REQUIRE(keep(fixture, later, noon + 2s));
  check_same(find(fixture, "a", noon + 1s), later);
  // Of the two, "b" is the older one now.
  CHECK(forget(fixture, noon + 1s, 1) == 1);
  CHECK(!find(fixture, "b"));
  check_same(find(fixture, "a"), later);
}

TEST_CASE("expired replies are forgotten in steps, the oldest first, and young ones never",
          "[store]") {
  FOR_EVERY_STORE(fixture);
  for (int i = 0; i < 5; ++i)
    REQUIRE(keep(fixture, sample(std::to_string(i)), noon + i * 1s));
  CHECK(forget(fixture, noon - 1us, 10) == 0);
  CHECK(forget(fixture, noon + 3s, 2) == 2);
  CHECK(!find(fixture, "0"));
  CHECK(!find(fixture, "1"));
  CHECK(find(fixture, "2"));
  CHECK(forget(fixture, noon + 3s, 10) == 2);
  CHECK(forget(fixture, noon + 3s, 10) == 0);
  CHECK(find(fixture, "4"));
  CHECK(forget(fixture, noon + 4s, 0) == 0);
}

TEST_CASE("a disk without room keeps no reply, and the transaction fails", "[store]") {
  FOR_EVERY_STORE(fixture);
  REQUIRE(keep(fixture, sample("a")));
  {
    const auto full = fixture.place().fill_disk();
    if (!full)
      return;
    if (const auto begun = fixture.db().begin(); begun.ok()) {
      fixture.db().keep_reply(sample("b", std::string(1 << 20, 'x')), noon);
      CHECK(fixture.db().commit().code() == ec::store_full);
    }
  }
  CHECK(!find(fixture, "b"));
  check_same(find(fixture, "a"), sample("a"));
}

} // namespace errand::test
