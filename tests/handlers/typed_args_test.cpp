#include "tests/handlers/attempt_fixture.hpp"
#include "tests/support/catch.hpp"

#include <errand/typed_handler.hpp>

#include <array>
#include <map>
#include <stdexcept>
#include <utility>

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

template <class Args = resize_args>
std::string fault_of(const json& args) {
  try {
    (void)detail::args_as<Args>(args);
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

/// `small` is converted after the array, and must be there.
struct sprite_args {
  std::string from;
  size_of_image size;
  std::vector<size_of_image> more;
  size_of_image small;
};
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(sprite_args, from, size, more, small)

/// Its conversion has one text for all that may be wrong.
struct even_number {
  int value = 0;
};

void from_json(const json& from, even_number& to) {
  if (!from.is_number_integer() || from.get<int>() % 2 != 0)
    throw std::invalid_argument("must be even");
  to.value = from.get<int>();
}

/// What is wrong with args of that type, and how many conversions it took to find out.
template <class Args>
std::pair<std::string, int> counted_fault_of(const json& args) {
  int conversions = 0;
  auto fault = detail::fault_of_args(args, [&](const json& some) -> std::optional<std::string> {
    ++conversions;
    try {
      (void)some.get<Args>();
      return std::nullopt;
    } catch (const std::exception& error) {
      return error.what();
    }
  });
  return {std::move(fault), conversions};
}

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

TEST_CASE("a wrong element of an array is named though a field that comes later must be there") {
  const json size{{"width", 1}, {"height", 2}};
  const json args{{"from", "a"}, {"size", size}, {"more", {size, size, size}}, {"small", size}};
  const auto fault_with = [&](const char* pointer, const json& value) {
    auto wrong = args;
    wrong[json::json_pointer(pointer)] = value;
    return fault_of<sprite_args>(wrong);
  };
  CHECK(fault_of<sprite_args>(args).empty());
  CHECK(has(fault_with("/more/0/height", nullptr), "/args/more/0/height: type must be number"));
  CHECK(has(fault_with("/more/2/width", "2"), "/args/more/2/width: "));
  CHECK(has(fault_with("/more/1", 5), "/args/more/1: "));
  CHECK(has(fault_with("/more", 5), "/args/more: "));
  CHECK(has(fault_with("/small/width", nullptr), "/args/small/width: "));
  CHECK(fault_with("/more/1", {{"width", 1}}).ends_with("/args/more/1: key 'height' not found"));

  SECTION("also if what it lacks is called as a field beside the array") {
    auto wrong = args;
    wrong["more"][0].erase("width");
    wrong["width"] = 5;
    CHECK(fault_of<sprite_args>(wrong).ends_with("/args/more/0: key 'width' not found"));
  }
}

TEST_CASE("a wrong element is named in arrays of fixed size, in maps and in arrays of arrays") {
  using triple = std::array<int, 3>;
  CHECK(has(fault_of<triple>({1, "2", 3}), "/args/1: "));
  CHECK_FALSE(has(fault_of<triple>({1, 2}), "/args"));
  using pair_of = std::pair<int, std::string>;
  CHECK(has(fault_of<pair_of>({1, 2}), "/args/1: "));
  CHECK(
      has(fault_of<std::vector<std::vector<int>>>({{1, 2}, {5}, {3, 4, nullptr}}), "/args/2/2: "));
  using table = std::map<std::string, std::vector<int>>;
  CHECK(has(fault_of<table>({{"a", {1}}, {"b/c", {2, "3"}}, {"d", "e"}}), "/args/b~1c/1: "));
}

TEST_CASE("a conversion with one text for all faults has its element named, too") {
  CHECK(has(fault_of<std::vector<even_number>>({2, 4, 5, 6, 7}), "/args/2: must be even"));
  CHECK(has(fault_of<std::map<std::string, even_number>>({{"a", 2}, {"b", 3}}), "/args/b: "));
}

TEST_CASE("a wrong field among thousands is found in few conversions") {
  SECTION("of an array") {
    auto args = json(std::vector<int>(100'000, 1));
    args[70'001] = "one";
    const auto [fault, conversions] = counted_fault_of<std::vector<int>>(args);
    CHECK(has(fault, "/args/70001: "));
    CHECK(conversions < 50);
  }
  SECTION("of a map") {
    json args;
    for (int i = 0; i < 6000; ++i)
      args[std::to_string(i)] = i;
    args["4711"] = "one";
    const auto [fault, conversions] = counted_fault_of<std::map<std::string, int>>(args);
    CHECK(has(fault, "/args/4711: "));
    CHECK(conversions < 50);
  }
  SECTION("of an object of which most is not looked at") {
    auto args = good;
    for (int i = 0; i < 6000; ++i)
      args["other" + std::to_string(i)] = i;
    args["keep"] = 1;
    const auto [fault, conversions] = counted_fault_of<resize_args>(args);
    CHECK(has(fault, "/args/keep: "));
    CHECK(conversions < 50);
  }
}

namespace {

/// Asks for thousands of fields by their names.
struct greedy {};

void from_json(const json& from, greedy&) {
  const auto& fields = from.at("fields");
  for (int i = 0; i < 6000; ++i)
    (void)fields.at(std::to_string(i)).get<int>();
}

} // namespace

TEST_CASE("a search that would take too many conversions names the deepest field that it found") {
  json args;
  for (int i = 0; i < 6000; ++i)
    args["fields"][std::to_string(i)] = i;
  args["fields"]["5999"] = "last";
  const auto [fault, conversions] = counted_fault_of<greedy>(args);
  CHECK(has(fault, "/args/fields: type must be number, but is string"));
  CHECK(conversions <= 301);
}

namespace {

/// Complains in other words each time.
struct moody {};

void from_json(const json& from, moody&) {
  static int times = 0;
  (void)from.at("a").get<int>();
  (void)from.at("b").get<int>();
  throw std::invalid_argument("not today, " + std::to_string(++times));
}

} // namespace

TEST_CASE("a conversion that complains in other words each time is quoted, and no field named") {
  const auto [fault, conversions] = counted_fault_of<moody>({{"a", 1}, {"b", 2}});
  CHECK(has(fault, "The args are not those of this kind: not today, "));
  CHECK(conversions <= 301);
}
