// The STORE and requests that come twice.
#include "actors/known_requests.hpp"

#include "tests/actors/store_fixture.hpp"

using namespace errand;
using namespace errand::test;
using namespace std::chrono_literals;

namespace {

struct keyed_fixture : store_fixture {
  /// Its reply is the id and the state of the task.
  static request_key_ptr key(const std::string& name, const std::string& body = "body") {
    const request_mark mark{name, body};
    auto reply = [mark](const answer_content& content) {
      const auto& row = task_in(content);
      return kept_reply{mark, 202, "text/plain", {}, text_of(row)};
    };
    return std::make_shared<const request_key>(request_key{mark, std::move(reply)});
  }

  /// For a request whose reply is made of more than one answer.
  static request_key_ptr key_without_reply(const std::string& name) {
    return std::make_shared<const request_key>(request_key{{name, "body"}, {}});
  }

  static std::string text_of(const task& row) {
    return row.id.to_string() + ' ' + std::string(to_string(row.state));
  }

  void submit(request_key_ptr key) {
    auto spec = std::make_shared<task_spec>();
    spec->kind = "noop";
    caf::anon_send(actor, submit_atom_v, client, ++last, task_spec_ptr{spec}, std::move(key));
  }
  void order(const task_id& id, task_order what, request_key_ptr key) {
    caf::anon_send(actor, order_atom_v, client, ++last, id, what, std::move(key));
  }
  void keep_instead(const std::string& name, const std::string& body) {
    caf::anon_send(actor, keep_atom_v, client, ++last,
                   std::make_shared<const kept_reply>(
                       kept_reply{{name, "body"}, 200, "text/plain", {}, body}));
  }

  const task& done(size_t index) { return task_in(answers.at(index).content); }
  const kept_reply& again(size_t index) {
    return *std::get<kept_reply_ptr>(answers.at(index).content);
  }
  const status& refused(size_t index) { return std::get<status>(answers.at(index).content); }
  size_t tasks() { return reader->list({})->tasks.size(); }

  request_number last = 0;
};

} // namespace

TEST_CASE_METHOD(keyed_fixture, "a submit that comes again gets its first reply and adds nothing") {
  submit(key("a"));
  run();
  submit(key("a"));
  submit(key("b"));
  run();
  REQUIRE(answers.size() == 3);
  CHECK(again(1).body == text_of(done(0)));
  CHECK(again(1).status == 202);
  CHECK(done(2).id != done(0).id);
  CHECK(tasks() == 2);
}

TEST_CASE_METHOD(keyed_fixture, "of two equal submits in one batch the first is carried out") {
  submit(key("a"));
  submit(key("a"));
  run();
  CHECK(faults->commits == 1);
  REQUIRE(answers.size() == 2);
  CHECK(again(1).body == text_of(done(0)));
  CHECK(tasks() == 1);
}

TEST_CASE_METHOD(keyed_fixture, "a known key with another request is refused, naming the key") {
  submit(key("a"));
  run();
  submit(key("a", "other body"));
  run();
  CHECK(refused(1).code() == ec::key_reused);
  CHECK(refused(1).message().find("\"a\"") != std::string::npos);
  CHECK(tasks() == 1);
  submit(key("a"));
  run();
  CHECK(again(2).body == text_of(done(0)));
}

TEST_CASE_METHOD(keyed_fixture, "a commit that fails keeps neither the task nor the reply") {
  faults->refuse = true;
  submit(key("a"));
  run();
  CHECK(refused(0).code() == ec::store_full);
  faults->refuse = false;
  submit(key("a"));
  run();
  CHECK(done(1).state == task_state::queued);
  CHECK(tasks() == 1);
}

TEST_CASE_METHOD(keyed_fixture, "an order that comes again is not carried out again") {
  submit({});
  run();
  const auto id = done(0).id;
  order(id, task_order::cancel, key("cancel"));
  run();
  CHECK(state_of(id) == task_state::cancelled);
  order(id, task_order::retry, key("retry"));
  run();
  order(id, task_order::cancel, key("cancel"));
  run();
  REQUIRE(answers.size() == 4);
  CHECK(again(3).body == text_of(done(1)));
  CHECK(state_of(id) == task_state::queued); // and not cancelled once more
}

TEST_CASE_METHOD(keyed_fixture, "an order that was refused may be given again with its key") {
  submit({});
  run();
  const auto id = done(0).id;
  order(id, task_order::retry, key("a"));
  run();
  CHECK(refused(1).code() == ec::wrong_state);
  order(id, task_order::cancel, {});
  order(id, task_order::retry, key("a"));
  run();
  CHECK(done(3).state == task_state::queued);
}

TEST_CASE_METHOD(keyed_fixture, "a reply is given again for 24 hours and no longer") {
  submit(key("a"));
  run();
  advance(24h - 1us);
  submit(key("a"));
  run();
  CHECK(again(1).body == text_of(done(0)));
  CHECK(tasks() == 1);
  advance(1us);
  submit(key("a", "anything"));
  run();
  CHECK(done(2).state == task_state::queued);
  CHECK(tasks() == 2);
  // The key is known again from then on.
  advance(23h);
  submit(key("a", "anything"));
  run();
  CHECK(again(3).body == text_of(done(2)));
}

TEST_CASE_METHOD(keyed_fixture, "a later reply takes the place of the one that was kept first") {
  submit(key("a"));
  run();
  keep_instead("a", "the end");
  scheduler().run_once();
  CHECK(answers.size() == 1); // nobody is answered before the commit
  run();
  CHECK(refused(1).ok());
  submit(key("a"));
  run();
  CHECK(again(2).body == "the end");
  CHECK(again(2).status == 200);
}

TEST_CASE_METHOD(keyed_fixture, "a reply that the disk refuses leaves what was kept before") {
  submit(key("a"));
  run();
  faults->refuse = true;
  keep_instead("a", "the end");
  run();
  CHECK(refused(1).code() == ec::store_full);
  faults->refuse = false;
  submit(key("a"));
  run();
  CHECK(again(2).body == text_of(done(0)));
}

TEST_CASE_METHOD(keyed_fixture,
                 "a key without a reply is looked up, and kept when its client knows the reply") {
  submit(key_without_reply("a"));
  submit(key_without_reply("a"));
  run();
  CHECK(done(0).id != done(1).id);
  keep_instead("a", "both");
  submit(key_without_reply("a"));
  run();
  CHECK(again(3).body == "both");
  CHECK(tasks() == 2);
}

TEST_CASE("each reply that is kept takes a few expired ones away") {
  auto db = open_store({"sqlite::memory:", durability::relaxed});
  REQUIRE(db.ok());
  auto now = system_now();
  const auto keep_one = [&](int number) {
    REQUIRE((*db)->begin().ok());
    keep_reply(**db, {{std::to_string(number), {}}, 202, {}, {}, {}}, now);
    REQUIRE((*db)->commit().ok());
  };
  for (int i = 0; i < 5; ++i)
    keep_one(i);
  now += reply_lifetime;
  keep_one(5);
  keep_one(6);
  REQUIRE((*db)->begin().ok());
  CHECK((*db)->forget_replies(now - reply_lifetime, 100) == 1);
  REQUIRE((*db)->commit().ok());
}
