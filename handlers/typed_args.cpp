// Finds the field that a conversion of args fails at. nlohmann's exceptions name it only if it is
// missing, so the args are built up again, field by field in the order in which the conversion asks
// for them, until it fails otherwise.
#include <errand/typed_handler.hpp>

namespace errand::detail {

namespace {

using nlohmann::json;

/// Without "[json.exception.type_error.302] ".
std::string bare(const std::string& what) {
  const auto end = what.starts_with("[json.exception.") ? what.find("] ") : what.npos;
  return end == what.npos ? what : what.substr(end + 2);
}

/// The key in "key 'width' not found"; nothing in another text.
std::optional<std::string> missing_key(const std::string& what) {
  const auto text = bare(what);
  constexpr std::string_view begin = "key '", end = "' not found";
  if (!text.starts_with(begin) || !text.ends_with(end))
    return std::nullopt;
  return text.substr(begin.size(), text.size() - begin.size() - end.size());
}

struct culprit {
  std::string pointer;
  std::string what;
};

culprit find_culprit(const json& value, const ArgsCheck& check);

/// What is wrong within `value`, which is what makes the whole wrong.
culprit within(const std::string& name, const json& value, const ArgsCheck& check) {
  auto found = find_culprit(value, check);
  found.pointer = '/' + name + found.pointer;
  return found;
}

culprit find_in_object(const json& object, const ArgsCheck& check, const culprit& itself) {
  auto partial = json::object();
  const auto check_with = [&](const std::string& key) -> ArgsCheck {
    return [&check, partial, key](const json& value) mutable {
      partial[key] = value;
      return check(partial);
    };
  };
  const auto is_wrong = [&](const std::string& key) {
    const auto what = check_with(key)(object.at(key));
    const auto missing = what ? missing_key(*what) : std::nullopt;
    if (!missing || *missing == key)
      return what.has_value();
    // Missing here, or within that field? There it makes no difference what stands here.
    auto probe = partial;
    probe[key] = object.at(key);
    probe[*missing] = nullptr;
    return check(probe) == what;
  };
  // Those that must be there, in the order in which they are asked for.
  for (auto what = check(partial); what; what = check(partial)) {
    const auto key = missing_key(*what);
    if (!key || partial.contains(*key) || !object.contains(*key))
      break;
    if (is_wrong(*key))
      return within(*key, object.at(*key), check_with(*key));
    partial[*key] = object.at(*key);
  }
  // Those that may be there.
  for (const auto& [key, value] : object.items()) {
    if (partial.contains(key))
      continue;
    if (!check(partial) && check_with(key)(value))
      return within(key, value, check_with(key));
    partial[key] = value;
  }
  return itself;
}

culprit find_in_array(const json& array, const ArgsCheck& check, const culprit& itself) {
  auto partial = json::array();
  if (check(partial))
    return itself;
  for (size_t i = 0; i < array.size(); ++i) {
    const ArgsCheck check_with = [&check, partial](const json& value) mutable {
      partial.push_back(value);
      auto what = check(partial);
      partial.erase(partial.size() - 1);
      return what;
    };
    if (check_with(array[i]))
      return within(std::to_string(i), array[i], check_with);
    partial.push_back(array[i]);
  }
  return itself;
}

culprit find_culprit(const json& value, const ArgsCheck& check) {
  const culprit itself{"", bare(check(value).value_or("it can't be converted"))};
  if (value.is_object())
    return find_in_object(value, check, itself);
  if (value.is_array())
    return find_in_array(value, check, itself);
  return itself;
}

} // namespace

std::string fault_of_args(const json& args, const ArgsCheck& check) {
  const auto found = find_culprit(args, check);
  return "The args are not those of this kind: "
         + (found.pointer.empty() ? "" : "/args" + found.pointer + ": ") + found.what;
}

} // namespace errand::detail
