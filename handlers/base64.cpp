#include "handlers/base64.hpp"

#include <openssl/evp.h>

namespace errand {

namespace {

constexpr std::string_view alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

const unsigned char* as_bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

unsigned char* as_bytes(std::string& text) {
  return reinterpret_cast<unsigned char*>(text.data());
}

} // namespace

std::string base64(std::string_view bytes) {
  std::string text((bytes.size() + 2) / 3 * 4, '\0'); // and the NUL that OpenSSL writes behind it
  EVP_EncodeBlock(as_bytes(text), as_bytes(bytes), static_cast<int>(bytes.size()));
  return text;
}

std::optional<std::string> from_base64(std::string_view text) {
  // OpenSSL forgives spaces and decodes padding to bytes.
  if (text.size() % 4 == 0 && text.ends_with("=="))
    text.remove_suffix(2);
  else if (text.size() % 4 == 0 && text.ends_with('='))
    text.remove_suffix(1);
  if (text.find_first_not_of(alphabet) != text.npos || text.size() % 4 == 1)
    return std::nullopt;
  std::string padded(text);
  padded.append((4 - text.size() % 4) % 4, 'A');
  std::string bytes(padded.size() / 4 * 3, '\0');
  if (EVP_DecodeBlock(as_bytes(bytes), as_bytes(std::string_view(padded)),
                      static_cast<int>(padded.size()))
      < 0)
    return std::nullopt;
  bytes.resize(text.size() * 3 / 4);
  return bytes;
}

} // namespace errand
