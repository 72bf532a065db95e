// One spec read event by event, wherever in a JSON text it stands. json_decode reads a whole body
// with it, json_batch each task of a batch.
#pragma once

#include "http/problem.hpp"
#include "task/batch.hpp"

#include <cstddef>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace errand {

/// Takes the events of one object, from its start_object to its end_object. An answer of false ends
/// the reading of the whole text. The rest is to be called once, at the end.
class spec_reader : public nlohmann::json_sax<nlohmann::json> {
public:
  /// What is wrong, with pointers into the spec; empty if all is well.
  virtual std::vector<field_error> take_faults() = 0;

  /// What was read. Worth something only without faults.
  virtual batch_entry take_entry() = 0;
};

/// Of a task on its own.
std::unique_ptr<spec_reader> make_spec_reader();

/// Of a task in a batch: it may have a `ref`, and "#ref" in its `after`.
std::unique_ptr<spec_reader> make_spec_reader_in_batch();

} // namespace errand
