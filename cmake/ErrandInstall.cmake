# What `cmake --install` installs, in two components, of which cmake/ErrandPackages.cmake makes packages.
include(GNUInstallDirs)

# Script code that sets PREFIX and SYSCONFDIR as they are when it is installed: the prefix is known
# only then (--prefix), and what belongs below /usr has its configuration in /etc.
set(ERRAND_INSTALLED_PLACES "
  set(PREFIX \"\${CMAKE_INSTALL_PREFIX}\")
  set(SYSCONFDIR \"\${PREFIX}/etc\")
  if(PREFIX STREQUAL \"/usr\")
    set(SYSCONFDIR /etc)
  endif()")

# errand_install_configured(FILE.in FOLDER COMPONENT): installs FILE, with @PREFIX@, @SYSCONFDIR@ and
# what else is set here in it replaced.
function(errand_install_configured from folder component)
  get_filename_component(name ${from} NAME_WLE)
  # The rest is for the time of installing.
  set(PREFIX "@PREFIX@")
  set(SYSCONFDIR "@SYSCONFDIR@")
  configure_file(${from} ${PROJECT_BINARY_DIR}/packaging/${name}.in @ONLY)
  install(
    CODE "
    ${ERRAND_INSTALLED_PLACES}
    set(_file \"\$ENV{DESTDIR}\${PREFIX}/${folder}/${name}\")
    configure_file(\"${PROJECT_BINARY_DIR}/packaging/${name}.in\" \"\${_file}\" @ONLY)
    message(STATUS \"Installing: \${_file}\")"
    COMPONENT ${component})
endfunction()

include(ErrandInstallProgram)
if(ERRAND_LIBRARY)
  include(ErrandInstallLibrary)
endif()
include(ErrandPackages)
