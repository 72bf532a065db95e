#include "http/sha256.hpp"

#include <memory>
#include <openssl/evp.h>
#include <stdexcept>

namespace errand {

namespace {

void check(int result) {
  if (result != 1)
    throw std::runtime_error("OpenSSL can't make a SHA-256 hash");
}

struct freer {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};

} // namespace

std::string sha256(std::initializer_list<std::string_view> parts) {
  const std::unique_ptr<EVP_MD_CTX, freer> context{EVP_MD_CTX_new()};
  check(context != nullptr);
  check(EVP_DigestInit_ex(context.get(), EVP_sha256(), nullptr));
  for (const auto part : parts)
    check(EVP_DigestUpdate(context.get(), part.data(), part.size()));
  std::string hash(32, '\0');
  check(EVP_DigestFinal_ex(context.get(), reinterpret_cast<unsigned char*>(hash.data()), nullptr));
  return hash;
}

} // namespace errand
