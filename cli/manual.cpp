#include "cli/manual.hpp"

#include "cli/exit_statuses.hpp"

#include <array>
#include <utility>

namespace errand {

namespace {

/// Text as roff takes it: nothing in it is a request or an escape.
std::string plain(const std::string& text) {
  std::string result;
  bool is_line_begin = true;
  for (const char c : text) {
    if (is_line_begin && (c == '.' || c == '\''))
      result += "\\&";
    is_line_begin = c == '\n';
    if (c == '\\')
      result += "\\e";
    else if (c == '-')
      result += "\\-";
    else
      result += c;
  }
  return result;
}

std::string bold(const std::string& text) {
  return "\\fB" + plain(text) + "\\fR";
}

std::string italic(const std::string& text) {
  return "\\fI" + plain(text) + "\\fR";
}

/// Each line of the help is one of the page.
std::string help_lines(const std::string& help) {
  std::string result;
  for (const char c : plain(help))
    result += c == '\n' ? std::string("\n.br\n") : std::string(1, c);
  return result + '\n';
}

std::string flag_entry(const described_flag& flag) {
  std::string names;
  for (const auto& name : flag.names)
    names += (names.empty() ? "" : ", ") + bold(name);
  if (flag.takes_value)
    names += ' ' + italic(flag.value_name);
  return ".TP\n" + names + '\n' + help_lines(flag.help);
}

std::string argument_entry(const described_argument& argument) {
  const auto values =
      argument.value_name.find('|') == std::string::npos ? "" : " (" + argument.value_name + ")";
  return ".TP\n" + italic(argument.name) + '\n' + help_lines(argument.help + values);
}

std::string usage_of(const described_command& command) {
  std::string text = "errand " + command.path;
  for (const auto& argument : command.arguments) {
    const auto name = argument.name + (argument.may_repeat ? "..." : "");
    text += argument.is_required ? ' ' + name : " [" + name + ']';
  }
  return text;
}

std::string command_entry(const described_command& command) {
  auto text = ".SS \"" + plain(usage_of(command)) + "\"\n" + help_lines(command.description);
  for (const auto& argument : command.arguments)
    text += argument_entry(argument);
  for (const auto& flag : command.flags)
    if (flag.names.front() != "--help")
      text += flag_entry(flag);
  for (const auto& inner : command.inner)
    text += command_entry(inner);
  return text;
}

std::string commands_of(const described_command& program) {
  std::string text, group;
  for (const auto& command : program.inner) {
    if (command.group != group) {
      group = command.group;
      text += ".SH \"COMMANDS: " + plain(group) + "\"\n";
    }
    text += command_entry(command);
  }
  return text;
}

std::string statuses() {
  std::string text = ".SH \"EXIT STATUS\"\n";
  for (const auto& [status, meaning] : exit_meanings)
    text += ".TP\n" + bold(std::to_string(status)) + '\n' + plain(meaning) + '\n';
  return text + ".PP\nA signal that ends the program shows as the shell shows it, such as 130 for "
         + plain("Ctrl-C") + ".\n";
}

std::string environment() {
  constexpr std::array<std::pair<const char*, const char*>, 4> variables{
      {{"ERRAND_URL", "The server that commands of the client ask."},
       {"ERRAND_TOKEN", "The token that they send. Of a server: a token that may do everything."},
       {"NO_COLOR", "If it is set to something, nothing is coloured."},
       {"SSL_CERT_FILE", "Certificates to trust for https, in place of the system's."}}};
  std::string text = ".SH ENVIRONMENT\n";
  for (const auto& [name, meaning] : variables)
    text += ".TP\n" + bold(name) + '\n' + plain(meaning) + '\n';
  return text
         + ".PP\nSettings of the server have variables of their own, which stand beside their "
           "flags.\n";
}

} // namespace

std::string manual_page(const described_command& program) {
  std::string text = ".TH ERRAND 1\n"
                     ".SH NAME\n"
                     "errand \\- a task server, and its client\n"
                     ".SH SYNOPSIS\n.B errand\n.I COMMAND\n[\\fIARGUMENT\\fR...]\n"
                     ".SH DESCRIPTION\n";
  text += help_lines(program.description);
  text += ".PP\nErrors are told on standard error, all of them at once.\n"
          "With \\fB\\-\\-json\\fR a command prints one JSON document, or, where there is no end "
          "of them, one on each line.\n";
  for (const auto& flag : program.flags)
    text += flag_entry(flag);
  text += commands_of(program);
  text += statuses() + environment();
  text += ".SH FILES\n.TP\n" + bold("errand.toml")
          + "\nSettings of the server, in the working directory unless " + bold("--config") + " or "
          + bold("ERRAND_CONFIG") + " names another.\n";
  return text;
}

} // namespace errand
