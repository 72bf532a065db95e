// What errand.toml says of queues and pools of workers.

#include "tests/server/settings_of_file.hpp"
#include "tests/support/catch.hpp"

#include "server/named_options.hpp"
#include "server/settings.hpp"

using namespace errand;
using errand::test::load;

namespace {

using strings = std::vector<std::string>;

} // namespace

TEST_CASE("queues and pools are read with all that they say") {
  const auto loaded = load("[queues.mail]\n"
                           "concurrency = 4\n"
                           "group_concurrency = 1\n"
                           "rate = {limit = 100, per_s = 1.5}\n"
                           "weight = 2\n"
                           "paused = true\n"
                           "[queues.\"a.b/c\"]\n"
                           "weight = 0.5\n"
                           "[workers]\n"
                           "count = 3\n"
                           "[workers.slow]\n"
                           "count = 2\n"
                           "queues = [\"video\", \"a.b/c\"]\n"
                           "kinds = [\"resize\"]\n"
                           "[workers.more]\n"
                           "count = 1\n"
                           "kinds = [\"x\"]\n");
  CHECK(loaded.errors == strings{});
  REQUIRE(loaded.options.queues.size() == 2);
  const auto& mail = loaded.options.queues.at("mail");
  CHECK(mail.concurrency == 4);
  CHECK(mail.group_concurrency == 1);
  REQUIRE(mail.rate);
  CHECK(mail.rate->limit == 100);
  CHECK(mail.rate->per == Seconds(1.5));
  CHECK(mail.weight == 2);
  CHECK(mail.paused);
  const auto& other = loaded.options.queues.at("a.b/c");
  CHECK(!other.concurrency);
  CHECK(!other.rate);
  CHECK(other.weight == 0.5);
  CHECK(!other.paused);
  CHECK(loaded.options.workers == 3);
  REQUIRE(loaded.options.pools.size() == 2);
  const auto& slow = loaded.options.pools.at("slow");
  CHECK(slow.count == 2);
  CHECK(slow.queues == strings{"video", "a.b/c"});
  CHECK(slow.kinds == strings{"resize"});
  CHECK(loaded.named_origins.at("queues.\"a.b/c\".weight") == "f:8:10");
  CHECK(loaded.named_origins.at("workers.slow.queues") == "f:13:10");
  CHECK(wrong_options(loaded.options).empty());
}

TEST_CASE("a queue or a pool may also be written in one line") {
  const auto loaded = load("queues.mail = {concurrency = 4}\n"
                           "workers = {count = 2, slow = {count = 1, kinds = [\"x\"]}}\n");
  CHECK(loaded.errors == strings{});
  CHECK(loaded.options.queues.at("mail").concurrency == 4);
  CHECK(loaded.options.workers == 2);
  CHECK(loaded.options.pools.at("slow").count == 1);
}

TEST_CASE("empty tables of queues and workers are no error") {
  const auto loaded = load("[queues]\n[workers]\n[queues.mail]\n");
  CHECK(loaded.errors == strings{});
  CHECK(loaded.options.queues.size() == 1);
  CHECK(loaded.options.pools.empty());
}

TEST_CASE("what is wrong with a queue or a pool is told with its place and what is allowed") {
  struct row {
    std::string text, error;
  };
  const auto r = GENERATE(values<row>({
      {"workers = 4",
       "1:11: workers is 4, but must be a table: write [workers] and, below it, count = 4"},
      {"workers = \"four\"", "1:11: workers is \"four\" (a string), but must be a table: write"
                             " [workers] and, below it, count = 4"},
      {"workers.count = -1",
       "1:17: workers.count is -1, but must be a whole number from 0 to 1024"},
      {"workers.cuont = 4", "1:9: there is no setting workers.cuont; did you mean workers.count?;"
                            " a pool of workers is a table [workers.NAME]"},
      {"workers.slow = 4", "1:9: there is no setting workers.slow; a pool of workers is a table"
                           " [workers.NAME]"},
      {"[workers.slow]\nkinds = [\"x\"]",
       "2:1: workers.slow.count is missing; it must be a whole number from 0 to 1024"},
      {"[workers.slow]\ncount = 1", "2:1: workers.slow serves nothing: name its queues, its kinds,"
                                    " or both"},
      {"[workers.slow]\ncount = 1025\nkinds = [\"x\"]",
       "2:9: workers.slow.count is 1025, but must be a whole number from 0 to 1024"},
      {"[workers.slow]\ncount = 1\nkinds = []",
       "3:9: workers.slow.kinds is an array, but must be an array of names, each 1 to 128 of A-Z,"
       " a-z, 0-9 and ._:/-, such as [\"mail\"]"},
      {"[workers.slow]\ncount = 1\nkinds = [1]",
       "3:9: workers.slow.kinds is an array of other than strings (see element 1), but must be an"
       " array of names, each 1 to 128 of A-Z, a-z, 0-9 and ._:/-, such as [\"mail\"]"},
      {"[workers.slow]\ncount = 1\nqueues = \"x\"",
       "3:10: workers.slow.queues is \"x\" (a string), but must be an array of names, each 1 to"
       " 128 of A-Z, a-z, 0-9 and ._:/-, such as [\"mail\"]"},
      {"[workers.slow]\ncount = 1\nkinds = [\"x\"]\nqueue = [\"x\"]",
       "4:1: there is no setting workers.slow.queue; did you mean workers.slow.queues?"},
      {"[workers.count]\ncount = 1\nkinds = [\"x\"]",
       "2:1: workers.count can't be a pool: workers.count is how many workers the default pool"
       " has; choose another name"},
      {"[workers.\"a b\"]\ncount = 1\nkinds = [\"x\"]",
       "2:1: workers.\"a b\" can't be a pool: its name must be 1 to 128 of A-Z, a-z, 0-9 and"
       " ._:/-"},
      {"queues = 1", "1:10: queues must be a table: a line [queues.NAME] and its keys below"},
      {"queues.mail = 1", "1:15: queues.mail must be a table: a line [queues.mail] and its keys"
                          " below"},
      {"[queues.\"\"]\nweight = 1",
       "2:1: queues.\"\" can't be a queue: its name must be 1 to 128 of A-Z, a-z, 0-9 and ._:/-"},
      {"[queues.mail]\nconcurrency = 0",
       "2:15: queues.mail.concurrency is 0, but must be a whole number from 1 to 1000000"},
      {"[queues.mail]\nconcurrency = 1.5",
       "2:15: queues.mail.concurrency is 1.5, but must be a whole number from 1 to 1000000"},
      {"[queues.mail]\nrate = 5",
       "2:8: queues.mail.rate is 5, but must be a table such as {limit = 10, per_s = 1}"},
      {"[queues.mail]\nrate = {limit = 5}", "2:9: queues.mail.rate must have both limit and per_s"},
      {"[queues.mail]\nrate = {limit = 5, per_s = 0}",
       "2:28: queues.mail.rate.per_s is 0, but must be seconds from 0.000001 to 2592000 (30 days)"},
      {"[queues.mail]\nrate = {limit = 5, per = 1, per_s = 1}",
       "2:20: there is no setting queues.mail.rate.per; did you mean queues.mail.rate.per_s?"},
      {"[queues.mail]\nweight = 0",
       "2:10: queues.mail.weight is 0, but must be a number from 0.001 to 1000"},
      {"[queues.mail]\npaused = 1", "2:10: queues.mail.paused is 1, but must be true or false"},
      {"[queues.mail]\npaused_until = 1979-05-27",
       "2:1: there is no setting queues.mail.paused_until; did you mean queues.mail.paused?"},
  }));
  INFO(r.text);
  CHECK(load(r.text).errors == strings{"f:" + r.error});
}

TEST_CASE("queues and pools that a program sets are checked like those of a file") {
  Options options;
  options.queues["mail"].concurrency = 0;
  options.queues["mail"].rate = RateLimit{5, Seconds(0)};
  options.queues["a b"].weight = 2000;
  options.pools["slow"] = {1025, {"a b"}, {}};
  options.pools["count"] = {1, {}, {}};
  CHECK(wrong_options(options)
        == strings{
            "option workers.count can't be a pool: workers.count is how many workers the default"
            " pool has; choose another name",
            "option workers.slow.count is 1025, but must be a whole number from 0 to 1024",
            "option workers.slow.queues is [\"a b\"], but must be an array of names, each 1 to 128"
            " of A-Z, a-z, 0-9 and ._:/-, such as [\"mail\"]",
            "option workers.count serves nothing: name its queues, its kinds, or both",
            "option queues.\"a b\" can't be a queue: its name must be 1 to 128 of A-Z, a-z, 0-9"
            " and ._:/-",
            "option queues.\"a b\".weight is 2000, but must be a number from 0.001 to 1000",
            "option queues.mail.concurrency is 0, but must be a whole number from 1 to 1000000",
            "option queues.mail.rate.per_s is 0, but must be seconds from 0.000001 to 2592000 (30"
            " days)",
        });
}

TEST_CASE("there are bounds on how many pools and queues a server is told of") {
  Options options;
  for (size_t i = 0; i <= max_pools; ++i)
    options.pools["p" + std::to_string(i)] = {1, {"q"}, {}};
  CHECK(wrong_options(options).size() == 1);
  options.pools.erase("p0");
  CHECK(wrong_options(options).empty());
  for (size_t i = 0; i <= max_preset_queues; ++i)
    options.queues["q" + std::to_string(i)].weight = 2;
  CHECK(wrong_options(options).size() == 1);
}

TEST_CASE("queues and pools printed as TOML read back as the same, and say where they came from") {
  const std::string text = "[queues.\"a.b\"]\n"
                           "concurrency = 4\n"
                           "rate = {limit = 100, per_s = 1.5}\n"
                           "paused = true\n"
                           "[workers.slow]\n"
                           "count = 2\n"
                           "queues = [\"video\", \"a.b\"]\n";
  const auto first = load(text);
  REQUIRE(first.errors == strings{});
  const auto printed = to_toml(first);
  INFO(printed);
  CHECK(printed.find("\n[workers.slow]\ncount = 2                        # f:6:9\n"
                     "queues = [\"video\", \"a.b\"]        # f:7:10\n")
        != std::string::npos);
  CHECK(printed.find("\n[queues.\"a.b\"]\nconcurrency = 4                  # f:2:15\n"
                     "rate.limit = 100                 # f:3:17\n"
                     "rate.per_s = 1.5                 # f:3:30\n"
                     "weight = 1                       # default\n"
                     "paused = true                    # f:4:10\n")
        != std::string::npos);
  const auto second = load(printed);
  CHECK(second.errors == strings{});
  CHECK(second.options.queues.at("a.b").rate->per == Seconds(1.5));
  CHECK(second.options.pools.at("slow").queues == strings{"video", "a.b"});
}
