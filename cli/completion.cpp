#include "cli/completion.hpp"

#include <algorithm>

namespace errand {

namespace {

std::string quoted_word(const std::string& text) {
  std::string result = "'";
  for (const char c : text)
    result += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return result + "'";
}

std::string joined(const std::vector<std::string>& words, const std::string& between = " ") {
  std::string result;
  for (const auto& word : words)
    result += (result.empty() ? "" : between) + word;
  return result;
}

/// Help has line breaks for the terminal; of a completion the first line is enough.
std::string short_help(const std::string& help) {
  return help.substr(0, help.find('\n'));
}

bool is_file(const std::string& value_name) {
  return value_name == "FILE";
}

/// "a|b" as the patterns of a case, such as 'queues pause'|'queues resume'.
std::string paths_of(const described_command& program) {
  std::vector<std::string> paths;
  for (const auto* command : all_commands(program))
    if (!command->path.empty())
      paths.push_back(quoted_word(command->path));
  return joined(paths, "|");
}

std::vector<std::string> argument_choices(const described_command& command) {
  std::vector<std::string> result;
  for (const auto& argument : command.arguments)
    for (const auto& choice : choices_of(argument.value_name))
      result.push_back(choice);
  return result;
}

bool has_file_argument(const described_command& command) {
  return std::any_of(command.arguments.begin(), command.arguments.end(),
                     [](const auto& each) { return each.name == "FILE"; });
}

/// The branches of `case "$at $previous"`: what stands behind a flag.
std::string value_cases(const described_command& program, const std::string& files,
                        const std::string& words_before, const std::string& words_after) {
  std::string text;
  for (const auto* command : all_commands(program))
    for (const auto& flag : command->flags) {
      if (!flag.takes_value)
        continue;
      std::vector<std::string> patterns;
      for (const auto& name : flag.names)
        patterns.push_back(quoted_word(command->path + ' ' + name));
      const auto choices = choices_of(flag.value_name);
      text += "    " + joined(patterns, "|") + ") "
              + (is_file(flag.value_name) ? files
                 : choices.empty()        ? std::string()
                                          : words_before + joined(choices) + words_after)
              + "return ;;\n";
    }
  return text;
}

std::string bash_script(const described_command& program) {
  std::string text =
      "# Completion of errand's command line for bash: source it, or put it into\n"
      "# ~/.local/share/bash-completion/completions/errand\n"
      "_errand() {\n"
      "  local word=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]}\n"
      "  local at='' i words='' flags='' files=''\n"
      "  COMPREPLY=()\n"
      "  for ((i = 1; i < COMP_CWORD; i++)); do\n"
      "    case \"${at:+$at }${COMP_WORDS[i]}\" in\n      ";
  text += paths_of(program);
  text += ") at=\"${at:+$at }${COMP_WORDS[i]}\" ;;\n"
          "    esac\n"
          "  done\n"
          "  case \"$at $previous\" in\n";
  text += value_cases(program,
                      "compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- \"$word\")); ",
                      "COMPREPLY=($(compgen -W '", "' -- \"$word\")); ");
  text += "  esac\n"
          "  case \"$at\" in\n";
  for (const auto* command : all_commands(program)) {
    auto words = argument_choices(*command);
    for (const auto& inner : command->inner)
      words.push_back(inner.name);
    std::vector<std::string> flags;
    for (const auto& flag : command->flags)
      flags.insert(flags.end(), flag.names.begin(), flag.names.end());
    text += "    " + quoted_word(command->path) + ") words=" + quoted_word(joined(words))
            + " flags=" + quoted_word(joined(flags))
            + (has_file_argument(*command) ? " files=1" : "") + " ;;\n";
  }
  text += "  esac\n"
          "  [[ $word != -* ]] || words=$flags files=''\n"
          "  COMPREPLY=($(compgen -W \"$words\" -- \"$word\"))\n"
          "  [[ -z $files ]] || {\n"
          "    compopt -o filenames 2>/dev/null\n"
          "    COMPREPLY+=($(compgen -f -- \"$word\"))\n"
          "  }\n"
          "}\n"
          "complete -F _errand errand\n";
  return text;
}

std::string described(const std::string& name, const std::string& help) {
  return quoted_word(name + ':' + short_help(help));
}

std::string zsh_script(const described_command& program) {
  std::string text =
      "#compdef errand\n"
      "# Completion of errand's command line for zsh: source it behind compinit, or\n"
      "# put it as _errand into a folder of $fpath.\n"
      "_errand() {\n"
      "  local at='' i previous=${words[CURRENT-1]}\n"
      "  local -a inner flags\n"
      "  for ((i = 2; i < CURRENT; i++)); do\n"
      "    case \"${at:+$at }${words[i]}\" in\n      ";
  text += paths_of(program);
  text += ") at=\"${at:+$at }${words[i]}\" ;;\n"
          "    esac\n"
          "  done\n"
          "  case \"$at $previous\" in\n";
  text += value_cases(program, "_files; ", "compadd -- ", "; ");
  text += "  esac\n"
          "  case \"$at\" in\n";
  for (const auto* command : all_commands(program)) {
    text += "    " + quoted_word(command->path) + ")\n      inner=(";
    for (const auto& inner : command->inner)
      text += "\n        " + described(inner.name, inner.description);
    for (const auto& choice : argument_choices(*command))
      text += "\n        " + quoted_word(choice);
    text += ")\n      flags=(";
    for (const auto& flag : command->flags)
      for (const auto& name : flag.names)
        text += "\n        " + described(name, flag.help);
    text += ")\n";
    if (has_file_argument(*command))
      text += "      [[ ${words[CURRENT]} == -* ]] || _files\n";
    text += "      ;;\n";
  }
  text += "  esac\n"
          "  (( ! $#inner )) || _describe command inner\n"
          "  [[ ${words[CURRENT]} != -* ]] || _describe -o flag flags\n"
          "}\n"
          "if [[ ${funcstack[1]} == _errand ]]; then _errand \"$@\"; else compdef _errand errand; "
          "fi\n";
  return text;
}

std::string fish_string(const std::string& text) {
  std::string result = "'";
  for (const char c : text)
    result += (c == '\'' || c == '\\') ? std::string("\\") + c : std::string(1, c);
  return result + "'";
}

std::string fish_flag(const described_flag& flag) {
  std::string text;
  for (const auto& name : flag.names)
    text += name.starts_with("--") ? " -l " + name.substr(2) : " -s " + name.substr(1);
  if (flag.takes_value)
    text += is_file(flag.value_name) ? " -r -F" : " -x";
  if (const auto choices = choices_of(flag.value_name); !choices.empty())
    text += " -a " + fish_string(joined(choices));
  return text + " -d " + fish_string(short_help(flag.help));
}

std::string fish_script(const described_command& program) {
  std::string text = "# Completion of errand's command line for fish: source it, or put it into\n"
                     "# ~/.config/fish/completions/errand.fish\n"
                     "function __errand_at\n"
                     "    set -l at ''\n"
                     "    for word in (commandline -opc)[2..-1]\n"
                     "        switch (string trim -- \"$at $word\")\n"
                     "            case";
  for (const auto* command : all_commands(program))
    if (!command->path.empty())
      text += ' ' + fish_string(command->path);
  text += "\n"
          "                set at (string trim -- \"$at $word\")\n"
          "        end\n"
          "    end\n"
          "    test \"$at\" = \"$argv[1]\"\n"
          "end\n"
          "complete -c errand -f\n";
  for (const auto* command : all_commands(program)) {
    const auto line =
        "complete -c errand -n " + fish_string("__errand_at \"" + command->path + '"');
    for (const auto& inner : command->inner)
      text += line + " -a " + inner.name + " -d " + fish_string(inner.description) + '\n';
    for (const auto& choice : argument_choices(*command))
      text += line + " -a " + choice + '\n';
    if (has_file_argument(*command))
      text += line + " -F\n";
    for (const auto& flag : command->flags)
      text += line + fish_flag(flag) + '\n';
  }
  return text;
}

} // namespace

std::optional<std::string> completion_script(const described_command& program,
                                             const std::string& shell) {
  if (shell == "bash")
    return bash_script(program);
  if (shell == "zsh")
    return zsh_script(program);
  if (shell == "fish")
    return fish_script(program);
  return {};
}

} // namespace errand
