# Installs the program (component "program"): with its manual page, completions, which the program itself
# prints, and what it needs to be a service of systemd.
install(TARGETS errand RUNTIME COMPONENT program)
install(FILES ${PROJECT_SOURCE_DIR}/docs/errand.1 DESTINATION ${CMAKE_INSTALL_MANDIR}/man1
        COMPONENT program)
install(FILES ${PROJECT_SOURCE_DIR}/LICENSE DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/errand
        RENAME copyright COMPONENT program)

foreach(_place bash:bash-completion/completions/errand zsh:zsh/vendor-completions/_errand
               fish:fish/vendor_completions.d/errand.fish)
  string(REPLACE ":" ";" _place ${_place})
  list(GET _place 0 _shell)
  list(GET _place 1 _file)
  install(
    CODE "
    set(_file \"\$ENV{DESTDIR}\${CMAKE_INSTALL_PREFIX}/${CMAKE_INSTALL_DATADIR}/${_file}\")
    get_filename_component(_folder \"\${_file}\" DIRECTORY)
    file(MAKE_DIRECTORY \"\${_folder}\")
    execute_process(COMMAND \"$<TARGET_FILE:errand>\" completion ${_shell}
                    OUTPUT_FILE \"\${_file}\" COMMAND_ERROR_IS_FATAL ANY)
    message(STATUS \"Installing: \${_file}\")"
    COMPONENT program)
endforeach()

errand_install_configured(${PROJECT_SOURCE_DIR}/packaging/errand.service.in lib/systemd/system program)

# What somebody has written there stays.
install(
  CODE "
  ${ERRAND_INSTALLED_PLACES}
  if(EXISTS \"\$ENV{DESTDIR}\${SYSCONFDIR}/errand/errand.toml\")
    message(STATUS \"Kept: \$ENV{DESTDIR}\${SYSCONFDIR}/errand/errand.toml\")
  else()
    file(INSTALL \"${PROJECT_SOURCE_DIR}/packaging/errand.toml\" DESTINATION \"\${SYSCONFDIR}/errand\")
  endif()"
  COMPONENT program)
