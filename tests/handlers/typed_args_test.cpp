#include "tests/handlers/attempt_fixture.hpp"
#include "tests/support/catch.hpp"

#include <errand/typed_handler.hpp>

using namespace errand;
using namespace errand::test;
using nlohmann::json;

namespace {

struct size_of_image {
  int width = 0;
  int height = 0;
};
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(size_of_image, width, height)

struct resize_args {
  std::string name;
  size_of_image size;
  std::vector<size_of_image> more;
  bool keep = true;
};

void from_json(const json& from, resize_args& to) {
  from.at("name").get_to(to.name);
  from.at("size").get_to(to.size);
  to.more = from.value("more", std::vector<size_of_image>{});
  to.keep = from.value("keep", true);
}

std::string fault_of(const json& args) {
  try {
    (void)detail::args_as<resize_args>(args);
  } catch (const PermanentError& error) {
    return error.what();
  }
  return {};
}

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != text.npos;
}

const json good{{"name", "a.png"},
                {"size", {{"width", 2}, {"height", 3}}},
                {"more", {{{"width", 4}, {"height", 5}}}},
                {"keep", false}};

json with(const char* pointer, const json& value) {
  auto args = good;
  args[json::json_pointer(pointer)] = value;
  return args;
}

} // namespace

TEST_CASE("good args become the value") {
  const auto args = detail::args_as<resize_args>(good);
  CHECK(args.name == "a.png");
  CHECK(args.size.height == 3);
  CHECK(args.more.at(0).width == 4);
  CHECK_FALSE(args.keep);
}

TEST_CASE("a field of the wrong type is named, wherever it stands and whatever stands before it") {
  const auto* pointer = GENERATE("/name", "/size/width", "/size/height", "/more/0/height", "/keep");
  const auto fault = fault_of(with(pointer, json::array({"wrong"})));
  CHECK(has(fault, "/args" + std::string(pointer) + ": "));
  CHECK(has(fault, "but is array"));
  CHECK_FALSE(has(fault, "json.exception"));
}

TEST_CASE("the first of several wrong fields is named") {
  CHECK(has(fault_of({{"name", 1}, {"size", "big"}}), "/args/name: "));
}

TEST_CASE("a field that is missing is named") {
  CHECK(fault_of({{"name", "a"}}).ends_with(": key 'size' not found"));
  auto args = good;
  args["size"].erase("height");
  CHECK(fault_of(args).ends_with("/args/size: key 'height' not found"));
}

TEST_CASE("a typed handler gives its result on, and bad args fail the task for good") {
  attempt_fixture fixture;
  const auto handler =
      typed_handler<resize_args, size_of_image>([](const resize_args& args, TaskContext& task) {
        task.progress(0.5, args.name);
        return size_of_image{args.size.width * 2, args.size.height * 2};
      });
  CHECK(attempt_fixture::result_of(fixture.run(handler, good))
        == json{{"width", 4}, {"height", 6}});
  CHECK(fixture.progress().at(0).message == "a.png");
  const auto report = fixture.run(handler, with("/size/width", "big"));
  CHECK(report.outcome == attempt_outcome::failed_for_good);
  CHECK(has(report.error_message, "/args/size/width: "));
}

TEST_CASE("a typed handler may return nothing and need no context") {
  attempt_fixture fixture;
  int sum = 0;
  const auto handler = typed_handler<std::vector<int>, void>([&](const std::vector<int>& numbers) {
    for (const auto n : numbers)
      sum += n;
  });
  CHECK(attempt_fixture::result_of(fixture.run(handler, {1, 2, 3})).is_null());
  CHECK(sum == 6);
}

TEST_CASE("args that are no object are told so") {
  CHECK(has(fault_of(5), "number"));
}
