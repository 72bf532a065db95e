// What a command is given of a task's args.
#include "handlers/exec_arguments.hpp"
#include "tests/support/catch.hpp"

#include <errand/handler.hpp>

using namespace errand;
using nlohmann::json;
using strings = std::vector<std::string>;

TEST_CASE("a name in braces is a placeholder, in double braces it is text, and so is all else") {
  const auto [argument, names, filled] = GENERATE(table<std::string, strings, std::string>({
      {"", {}, ""},
      {"-resize", {}, "-resize"},
      {"{size}", {"size"}, "10x10"},
      {"--size={size}!", {"size"}, "--size=10x10!"},
      {"{size}{n}", {"size", "n"}, "10x1042"},
      {"{{size}}", {}, "{size}"},
      {"{{size}} {size}", {"size"}, "{size} 10x10"},
      {"{{size}", {"size"}, "{10x10"},
      {"{size}}", {"size"}, "10x10}"},
      {"{", {}, "{"},
      {"{}", {}, "{}"},
      {"{{}}", {}, "{{}}"},
      {"{size", {}, "{size"},
      {"{a: .b}", {}, "{a: .b}"},
      {"{a:{b:1}}", {}, "{a:{b:1}}"},
      {"${HOME}", {"HOME"}, "$h"},
  }));
  INFO(argument);
  CHECK(placeholders_in(argument) == names);
  CHECK(filled_in({argument}, json{{"size", "10x10"}, {"n", 42}, {"HOME", "h"}})
        == strings{filled});
}

TEST_CASE("texts, numbers and booleans fill a placeholder, whatever they hold") {
  const auto [value, filled] = GENERATE(table<json, std::string>({
      {"", ""},
      {"a b; rm -rf / $(reboot) `x` \"'\n*", "a b; rm -rf / $(reboot) `x` \"'\n*"},
      {"{other}", "{other}"},
      {7, "7"},
      {-7, "-7"},
      {1.5, "1.5"},
      {true, "true"},
  }));
  CHECK(filled_in({"/bin/x", "{v}"}, json{{"v", value}, {"other", "no"}})
        == strings{"/bin/x", filled});
}

TEST_CASE("what can't fill a placeholder is told, and the task is not tried again") {
  const auto [args, text] = GENERATE(table<json, std::string>({
      {json::object(), "the command needs args.v, which the task does not have"},
      {{{"v", nullptr}}, "args.v must be a text, a number, true or false; it is null"},
      {{{"v", {1}}}, "args.v must be a text, a number, true or false; it is array"},
      {{{"v", json::object()}}, "args.v must be a text, a number, true or false; it is object"},
      {{{"v", std::string("a\0b", 3)}},
       "args.v holds a NUL character, which no program can be given"},
      {{{"v", "-o/etc/passwd"}},
       "args.v begins with '-', so that the program could take it for an option; to allow it, put"
       " the argument \"--\" before it in the command's argv"},
  }));
  CHECK_THROWS_MATCHES(filled_in({"/bin/x", "{v}"}, args), PermanentError,
                       Catch::Matchers::Message(text));
}

TEST_CASE("a text with a dash is no option behind -- or inside an argument") {
  const json args{{"v", "-x"}, {"empty", ""}};
  CHECK(filled_in({"/bin/x", "--", "{v}"}, args) == strings{"/bin/x", "--", "-x"});
  CHECK(filled_in({"/bin/x", "--v={v}"}, args) == strings{"/bin/x", "--v=-x"});
  CHECK_THROWS_AS(filled_in({"/bin/x", "{v}", "--"}, args), PermanentError);
  CHECK_THROWS_AS(filled_in({"/bin/x", "{empty}{v}"}, args), PermanentError);
}

TEST_CASE("scalars become variables, with names that every shell can read") {
  const json args{{"width", 100},
                  {"File.Name", "a b"},
                  {"on", false},
                  {"none", nullptr},
                  {"list", {1, 2}},
                  {"größe", "x"},
                  {"big", std::string(exec_variable_max + 1, 'x')}};
  CHECK(argument_variables(args)
        == std::map<std::string, std::string>{{"ERRAND_ARG_WIDTH", "100"},
                                              {"ERRAND_ARG_FILE_NAME", "a b"},
                                              {"ERRAND_ARG_ON", "false"},
                                              {"ERRAND_ARG_GR____E", "x"}});
}

TEST_CASE("args that would become the same variable, or hold NUL, are refused") {
  CHECK_THROWS_MATCHES(argument_variables({{"a-b", 1}, {"a_b", 2}}), PermanentError,
                       Catch::Matchers::Message(
                           "args.a-b and args.a_b would both become ERRAND_ARG_A_B; rename one"));
  CHECK_THROWS_AS(argument_variables({{"a", std::string(1, '\0')}}), PermanentError);
}
