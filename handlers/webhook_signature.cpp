#include "handlers/webhook_signature.hpp"

#include "handlers/base64.hpp"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdexcept>

namespace errand {

namespace {

constexpr size_t key_min = 24;
constexpr size_t key_max = 64;

std::string hmac_sha256(std::string_view key, std::string_view text) {
  std::string hash(EVP_MAX_MD_SIZE, '\0');
  unsigned size = 0;
  if (!HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
            reinterpret_cast<const unsigned char*>(text.data()), text.size(),
            reinterpret_cast<unsigned char*>(hash.data()), &size))
    throw std::runtime_error("OpenSSL can't make an HMAC");
  hash.resize(size);
  return hash;
}

} // namespace

std::optional<std::string> webhook_key(std::string_view secret) {
  if (!secret.starts_with(webhook_secret_prefix))
    return std::nullopt;
  auto key = from_base64(secret.substr(webhook_secret_prefix.size()));
  if (!key || key->size() < key_min || key->size() > key_max)
    return std::nullopt;
  return key;
}

header_list webhook_headers(const std::vector<std::string>& keys, std::string_view id,
                            int64_t sent_at_s, std::string_view body) {
  if (keys.empty())
    return {};
  const auto time = std::to_string(sent_at_s);
  std::string text(id);
  text.append(".").append(time).append(".").append(body);
  std::string signatures;
  for (const auto& key : keys)
    signatures += (signatures.empty() ? "v1," : " v1,") + base64(hmac_sha256(key, text));
  return {{"webhook-id", std::string(id)},
          {"webhook-timestamp", time},
          {"webhook-signature", signatures}};
}

} // namespace errand
