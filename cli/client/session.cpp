#include "cli/client/session.hpp"

#include "server/printable.hpp"

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <istream>
#include <iterator>
#include <memory>
#include <ostream>

namespace errand::client {

void session::print(const std::string& text) const {
  call_.out << text << std::flush;
  if (call_.out)
    return;
  if (errno == EPIPE)
    throw failure{exit_failed, {}};
  throw failure{exit_failed, {std::string("standard output: ") + std::strerror(errno)}};
}

void session::print(const table& rows) const {
  print(rows.text(columns_of(call_.out_terminal), call_.out_terminal.has_colours));
}

void session::print_json(const std::string& text) const {
  print(printable_json(text) + '\n');
}

void session::note(const std::string& text) const {
  call_.err << "errand: " << text << '\n' << std::flush;
}

std::string session::inked(ink colour, const std::string& text) const {
  return client::inked(colour, text, call_.out_terminal.has_colours);
}

void session::draw(const std::string& text) const {
  call_.err << text << std::flush;
}

std::string session::content_of(const std::string& flag, const std::string& value) const {
  if (value == "-")
    return call_.in ? std::string(std::istreambuf_iterator<char>(*call_.in), {}) : std::string();
  if (value.starts_with('@'))
    return file_content(flag, value.substr(1));
  return value;
}

std::pair<std::string, std::string> name_and_value(const std::string& tag) {
  const auto equals = tag.find('=');
  if (equals == tag.npos || equals == 0)
    throw failure{exit_usage,
                  {"--tag is " + string_literal(tag) + ", but must be like tenant=acme"}};
  return {tag.substr(0, equals), tag.substr(equals + 1)};
}

std::string text_of(const json& object, const char* name) {
  const auto& value = value_of(object, name);
  if (value.is_null())
    return "-";
  return value.is_string() ? value.get<std::string>() : value.dump();
}

double number_of(const json& object, const char* name, double otherwise) {
  const auto& value = value_of(object, name);
  return value.is_number() ? value.get<double>() : otherwise;
}

const json& value_of(const json& object, const char* name) {
  static const json none;
  if (!object.is_object())
    return none;
  const auto found = object.find(name);
  return found == object.end() ? none : *found;
}

std::string file_content(const std::string& flag, const std::string& path) {
  // C's files, since a stream that reads a folder throws, with a text about itself.
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "re"),
                                                             &std::fclose);
  std::string content;
  std::array<char, 16384> part;
  for (size_t size = 1; file && size > 0;) {
    size = std::fread(part.data(), 1, part.size(), file.get());
    content.append(part.data(), size);
  }
  if (!file || std::ferror(file.get()))
    throw failure{exit_usage, {flag + ": " + string_literal(path) + ": " + std::strerror(errno)}};
  return content;
}

} // namespace errand::client
