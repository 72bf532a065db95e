#include "http/flat_reader.hpp"

#include "http/json_text.hpp"
#include "task/near_name.hpp"

#include <algorithm>

namespace errand {

namespace {

class flat_reader final : public outer_reader {
public:
  flat_reader(std::string_view rule, std::string_view object, std::span<const flat_field> fields,
              const whole_check& check)
      : rule_(rule), object_(object), fields_(fields), check_(check) {}

  using outer_reader::why_not;

private:
  void take(const flat_value& value) override {
    if (guard_.depth() == 0)
      guard_.fault_here(not_as_ruled(value, rule_));
    else if (field_ != nullptr)
      take_here(value);
  }

  bool object_begins() override {
    if (guard_.depth() == 0)
      return guard_.open_object();
    if (field_ != nullptr && field_->take_spec)
      return begin_spec(make_spec_reader());
    if (field_ == nullptr || !has_parts(field_->path))
      return refuse_container("an object");
    parent_ = field_->path;
    take_here({flat_value::what::object, "an object"});
    return guard_.open_object();
  }

  bool array_begins() override { return refuse_container("an array"); }

  void object_ended() override {
    parent_ = {};
    if (guard_.depth() == 0)
      for (auto& [pointer, detail] : check_(!guard_.has_faults()))
        guard_.fault(std::move(pointer), std::move(detail));
  }

  void spec_ended(spec_reader& spec) override {
    const auto place = guard_.pointer();
    for (auto& fault : field_->take_spec(spec))
      guard_.fault(place + fault.pointer, std::move(fault.detail));
  }

  void take_here(const flat_value& value) {
    if (auto fault = field_->take(value))
      guard_.fault_here(std::move(*fault));
  }

  /// Nothing inside of it could be told from what belongs there, so reading ends.
  bool refuse_container(std::string_view found) {
    const auto rule = guard_.depth() == 0 ? rule_ : field_ ? field_->rule : std::string_view();
    if (!rule.empty()) // Else it was refused by its name.
      guard_.fault_here("is " + std::string(found) + "; it must be " + std::string(rule));
    return false;
  }

  bool has_parts(std::string_view path) const {
    return std::any_of(fields_.begin(), fields_.end(), [&](const flat_field& each) {
      return each.path.size() > path.size() && each.path.starts_with(path)
             && each.path[path.size()] == '/';
    });
  }

  void key_read(const std::string& name) override {
    const auto prefix = parent_.empty() ? std::string() : std::string(parent_) + '/';
    std::vector<std::string_view> names;
    field_ = nullptr;
    for (const auto& each : fields_) {
      if (!each.path.starts_with(prefix))
        continue;
      const auto rest = each.path.substr(prefix.size());
      if (rest.find('/') != std::string_view::npos)
        continue;
      names.push_back(rest);
      if (rest == name)
        field_ = &each;
    }
    if (field_ != nullptr)
      return;
    std::string text = "is not a field of " + std::string(parent_.empty() ? object_ : parent_);
    if (const auto near = near_name(name, names))
      text += "; did you mean \"" + std::string(*near) + "\"?";
    else
      for (const auto known : names)
        text.append(known == names.front() ? "; there are " : ", ").append(known);
    guard_.fault_here(std::move(text));
  }

  std::string_view rule_;
  std::string_view object_;
  std::span<const flat_field> fields_;
  const whole_check& check_;
  std::string_view parent_;           ///< Path of the object that is being read, if not the body.
  const flat_field* field_ = nullptr; ///< Null while there is none of that name.
};

} // namespace

std::string not_as_ruled(const flat_value& value, std::string_view rule) {
  return "is " + value.shown() + "; it must be " + std::string(rule);
}

std::optional<problem> read_flat_object(std::string_view body, std::string_view rule,
                                        std::string_view object, std::span<const flat_field> fields,
                                        const whole_check& check) {
  if (auto why = why_no_text(body, rule))
    return why;
  flat_reader reader(rule, object, fields, check);
  nlohmann::json::sax_parse(body.data(), body.data() + body.size(), &reader);
  return reader.why_not();
}

} // namespace errand
