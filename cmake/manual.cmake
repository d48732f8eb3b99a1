# Manual pages and completions for shells: a program that is linked with the commands writes them to
# the build folder, in the folders below share/ where they are installed.
set(NCA_MANUAL OFF) # whether they are made
if(NOT CMAKE_CROSSCOMPILING OR CMAKE_CROSSCOMPILING_EMULATOR)
    set(NCA_MANUAL ON)
else()
    message(STATUS "Manual pages and completions are not made: programs for the target do not run here")
endif()

file(GLOB NCA_MANUAL_SOURCES CONFIGURE_DEPENDS src/manual/*.c)
add_executable(nca_manual ${NCA_MANUAL_SOURCES} $<TARGET_OBJECTS:nca_commands>)
target_link_libraries(nca_manual PRIVATE nca nca_options m)

if(NCA_MANUAL)
    set(NCA_SHARE_DIR ${PROJECT_BINARY_DIR}/share)
    add_custom_command(OUTPUT ${NCA_SHARE_DIR}/written
        COMMAND ${CMAKE_COMMAND} -E rm -rf ${NCA_SHARE_DIR}
        COMMAND nca_manual ${NCA_SHARE_DIR}
        COMMAND ${CMAKE_COMMAND} -E touch ${NCA_SHARE_DIR}/written
        DEPENDS nca_manual
        COMMENT "Writing the manual pages and completions"
        VERBATIM)
    add_custom_target(nca_share ALL DEPENDS ${NCA_SHARE_DIR}/written)
endif()
