// Which URLs name a store, and what is said about the others.
#include "store/store.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/temp_folder.hpp"

#include <filesystem>

namespace errand::test {

namespace {

status why_not(const std::string& url) {
  auto opened = open_store({url, durability::commit});
  if (opened.ok())
    return {};
  return opened.why();
}

} // namespace

TEST_CASE("a URL that names no store is refused with what is allowed", "[store]") {
  for (const auto* url :
       {"", "errand.db", "/var/lib/errand.db", "sqlite:", "sqlite::memroy:", "sqlite:://x",
        "sqlite://host/errand.db", "SQLITE:errand.db", "postgresql://anna:secret@db/errand"}) {
    INFO("url: " << url);
    const auto why = why_not(url);
    CHECK(why.code() == ec::invalid);
    CHECK(why.message().find("sqlite:PATH (a file) or sqlite::memory:") != std::string::npos);
    CHECK(why.message().find("secret") == std::string::npos);
  }
  CHECK(why_not("postgresql://db/errand").message().find("'postgresql'") != std::string::npos);
  CHECK(why_not(std::string("sqlite:a\0b", 10)).code() == ec::invalid);
}

TEST_CASE("a folder that is missing, or in the place of the file, is told by its name", "[store]") {
  const temp_folder folder;
  const auto missing = why_not("sqlite:" + folder.file("missing/errand.db"));
  CHECK(missing.code() == ec::invalid);
  CHECK(missing.message().find(folder.file("missing") + " does not exist") != std::string::npos);
  CHECK(!std::filesystem::exists(folder.file("missing")));

  const auto taken = why_not("sqlite:" + folder.file(""));
  CHECK(taken.code() == ec::invalid);
  CHECK(taken.message().find("is a folder") != std::string::npos);
}

TEST_CASE("stores in memory are each their own", "[store]") {
  const store_options options{"sqlite::memory:", durability::commit};
  const auto one = open_store(options);
  const auto other = open_store(options);
  REQUIRE(one.ok());
  REQUIRE(other.ok());
  task_spec spec;
  spec.kind = "noop";
  REQUIRE((*one)->begin().ok());
  REQUIRE((*one)->insert(spec, system_now()));
  REQUIRE((*one)->commit().ok());
  const auto reader = (*one)->open_reader();
  const auto other_reader = (*other)->open_reader();
  REQUIRE(reader.ok());
  REQUIRE(other_reader.ok());
  CHECK((*reader)->list({})->tasks.size() == 1);
  CHECK((*other_reader)->list({})->tasks.empty());
}

} // namespace errand::test
