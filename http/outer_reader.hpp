// What reads a JSON object event by event and hands each spec that stands in it to a reader of its
// own, as nlohmann's sax_parse() wants it. What the object means is for those who derive from it.
#pragma once

#include "http/json_guard.hpp"
#include "http/problem.hpp"
#include "http/spec_reader.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

namespace errand {

/// A string, number, true, false or null; or that an object begins.
struct flat_value {
  enum class what : uint8_t { string, number, huge_number, word, object };
  what type = what::word;
  std::string_view text; ///< Of a string, its content; else as JSON writes it.
  double number = 0;     ///< Of a number.

  bool is_string() const { return type == what::string; }
  bool is_number() const { return type == what::number; } ///< One that a double can hold.
  bool is_null() const { return type == what::word && text == "null"; }

  /// If it is true or false.
  std::optional<bool> boolean() const;

  /// If it is an integer, also written 1e2, and a double holds it exactly.
  std::optional<int64_t> integer() const;

  /// For messages; long ones are cut.
  std::string shown() const;

  /// The same, without what a string or a number says.
  std::string_view shown_type() const;
};

class outer_reader : public nlohmann::json_sax<nlohmann::json> {
public:
  bool null() final;
  bool boolean(bool value) final;
  bool number_integer(int64_t number) final;
  bool number_unsigned(uint64_t number) final;
  bool number_float(double number, const std::string& text) final;
  bool string(std::string& text) final;
  bool binary(nlohmann::json::binary_t&) final { return false; } // Not in JSON text.
  bool start_object(size_t size) final;
  bool start_array(size_t size) final;
  bool key(std::string& name) final;
  bool end_object() final;
  bool end_array() final;
  bool parse_error(size_t byte, const std::string& last_token,
                   const nlohmann::json::exception& what) final;

protected:
  // What is not within a spec. The guard knows already that the value has begun, or of which name
  // the key is, or that the object has ended.
  virtual void take(const flat_value& value) = 0;
  virtual bool object_begins() = 0; ///< open_object(), begin_spec(), or false: reading ends.
  virtual bool array_begins() = 0;  ///< Likewise.
  virtual void key_read(const std::string& name) = 0;
  virtual void object_ended() = 0;

  /// Reading may have ended within it.
  virtual void spec_ended(spec_reader& spec) = 0;

  /// The object that begins is a spec.
  bool begin_spec(std::unique_ptr<spec_reader> reader);

  /// To be called once, at the end: why the text is refused.
  std::optional<problem> why_not();

  json_guard guard_;

private:
  bool value(const flat_value& found);
  bool integer(auto number);
  void end_spec();

  std::unique_ptr<spec_reader> spec_; ///< While it is being read.
  size_t spec_depth_ = 0;             ///< How many of its containers are open.
  std::string not_json_;
};

} // namespace errand
