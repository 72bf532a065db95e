#include "task/label_names.hpp"
#include "tests/support/catch.hpp"

using namespace errand;

TEST_CASE("the first names have places of their own, and the rest shares one") {
  label_names names(2, {});
  const auto a = names.place_of("a");
  const auto b = names.place_of("b");
  CHECK(a != b);
  CHECK(names.place_of("c") == label_names::other);
  CHECK(names.place_of("a") == a);
  CHECK(names.name(a) == "a");
  CHECK(names.name(label_names::other) == "other");
  CHECK(names.size() == 3);
}

TEST_CASE("names that the server knows have places that nobody can take") {
  label_names names(1, {"mail", "default", "mail"});
  CHECK(names.place_of("invented") != label_names::other);
  CHECK(names.place_of("too many") == label_names::other);
  CHECK(names.name(names.place_of("mail")) == "mail");
  CHECK(names.name(names.place_of("default")) == "default");
  CHECK(names.size() == 4);
}

TEST_CASE("a name that is only looked for gets no place") {
  label_names names(1, {});
  CHECK(names.find("a") == label_names::other);
  CHECK(names.place_of("b") != label_names::other);
  CHECK(names.find("b") == names.place_of("b"));
}

TEST_CASE("a name that is \"other\" itself is among the others") {
  label_names names(1, {});
  CHECK(names.place_of("other") == label_names::other);
  CHECK(names.place_of("a") != label_names::other);
}
