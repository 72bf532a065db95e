# Installs what belongs to the command line beside the program: its manual page, and completions, which
# the program itself prints.
include(GNUInstallDirs)
install(FILES ${PROJECT_SOURCE_DIR}/docs/errand.1 DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)

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
    message(STATUS \"Installing: \${_file}\")")
endforeach()
