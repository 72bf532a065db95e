// The program: hands arguments and environment to the command line.
#include "cli/cli.hpp"
#include "server/settings.hpp"

#include <iostream>

int main(int argc, char** argv) {
  return errand::run_cli(
      {{argv + (argc > 0 ? 1 : 0), argv + argc}, errand::errand_variables(), std::cout, std::cerr});
}
