// SQLite stores to test: in a folder of their own, and in memory.
#pragma once

#include "tests/store/conformance.hpp"
#include "tests/support/temp_folder.hpp"

#include <string>

namespace errand::test {

/// While it lives, this process can't write to files (EFBIG).
class full_disk {
public:
  full_disk();
  ~full_disk();
  full_disk(const full_disk&) = delete;
  full_disk& operator=(const full_disk&) = delete;

private:
  unsigned long limit_before_;
  void (*handler_before_)(int);
};

class file_place final : public store_place {
public:
  std::string name() const override { return "sqlite file"; }
  status_or<std::unique_ptr<store>> open() override;
  bool is_durable() const override { return true; }
  status_or<std::unique_ptr<store>> open_after_crash() override;
  std::shared_ptr<void> fill_disk() override { return std::make_shared<full_disk>(); }

  std::string file() const { return folder_.file("errand.db"); }
  std::string url() const { return "sqlite:" + file(); }

private:
  temp_folder folder_;
  int crashes_ = 0;
};

class memory_place final : public store_place {
public:
  std::string name() const override { return "sqlite in memory"; }
  status_or<std::unique_ptr<store>> open() override;
  bool is_durable() const override { return false; }
  status_or<std::unique_ptr<store>> open_after_crash() override;
  std::shared_ptr<void> fill_disk() override { return nullptr; }
};

} // namespace errand::test
