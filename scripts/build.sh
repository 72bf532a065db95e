# To be sourced at the top of the tree: configures and builds, saying little. What is said goes to
# standard error; where there is nothing to do, nothing is.

# configure FOLDER PRESET [CMAKE ARGUMENT...]
configure() {
  local folder=$1 preset=$2
  shift 2
  if ! command -v "${CXX:-g++}" >/dev/null; then
    echo "There is no C++ compiler '${CXX:-g++}'. Install Debian's g++, or set CXX to yours." >&2
    return 1
  fi
  mkdir -p "$folder"
  cmake --preset "$preset" -B "$folder" "$@" >"$folder/configure.log" 2>&1 || {
    cat "$folder/configure.log" >&2
    return 1
  }
}

# build FOLDER [TARGET...]
build() {
  local folder=$1 told=''
  shift
  ninja -C "$folder" "$@" 2>&1 </dev/null | while IFS= read -r line; do
    case $line in
    'ninja: no work to do.' | 'ninja: Entering'* | *'Re-checking globbed'* | *'Re-running CMake'*) ;;
    '-- '*) ;; # CMake's
    *)
      [ -n "$told" ] || echo "Building in $folder (the first time takes minutes)" >&2
      told=1
      printf '%s\n' "$line" >&2
      ;;
    esac
  done
}
