// The program: hands arguments and environment to the command line.
#include "cli/cli.hpp"
#include "cli/standard_streams.hpp"
#include "server/settings.hpp"

#include <iostream>
#include <unistd.h>

int main(int argc, char** argv) {
  errand::hold_closed_streams();
  errand::cli_call call{
      {argv + (argc > 0 ? 1 : 0), argv + argc}, errand::errand_variables(), std::cout, std::cerr};
  call.in = &std::cin;
  call.out_terminal = errand::terminal_of(STDOUT_FILENO);
  call.err_terminal = errand::terminal_of(STDERR_FILENO);
  return errand::run_cli(call);
}
