# cmake -DFROM=FILE -DTO=SOURCE -P EmbedOpenapi.cmake: makes a C++ source of http/openapi.json.
# One literal per line, without its indentation: a literal for all of it would exceed what compilers have to
# take (-Woverlength-strings), and blanks at the beginning of a line mean nothing in JSON.
file(READ "${FROM}" text)
if(text MATCHES "\\)text\"")
  message(FATAL_ERROR "${FROM} has the end of a raw string literal in it")
endif()
string(STRIP "${text}" text)
string(REGEX REPLACE "\n *" ")text\",\n    R\"text(" text "${text}")
file(WRITE "${TO}" "// Made of http/openapi.json by the build.
#include \"http/openapi_lines.hpp\"

namespace errand {

namespace {

// Not string views: clang gives up on so many sizes to find out at compile time.
constexpr const char* lines[] = {
    R\"text(${text})text\",
};

} // namespace

std::span<const char* const> openapi_lines() {
  return lines;
}

} // namespace errand
")
