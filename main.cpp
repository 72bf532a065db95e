// The program: hands arguments and environment to the command line.
#include "cli/cli.hpp"

#include <iostream>
#include <string_view>
#include <unistd.h>

int main(int argc, char** argv) {
  errand::cli_call call{{argv + (argc > 0 ? 1 : 0), argv + argc}, {}, std::cout, std::cerr};
  call.in = &std::cin;
  call.out_terminal = errand::terminal_of(STDOUT_FILENO);
  call.err_terminal = errand::terminal_of(STDERR_FILENO);
  for (char** variable = environ; variable && *variable; ++variable) {
    const std::string_view text(*variable);
    const auto equals = text.find('=');
    if (text.starts_with("ERRAND_") && equals != text.npos)
      call.variables.emplace_back(text.substr(0, equals), text.substr(equals + 1));
  }
  return errand::run_cli(call);
}
