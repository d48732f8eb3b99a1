# Libraries that libnca opens when it first needs them (src/base/library.h): it is compiled with
# their headers and knows their file names, but is not linked with them.

# nca_open_at_need(TARGET NAME LIBRARY HEADERS...) finds the name under which the loader knows LIBRARY
# (libcairo.so.2, the interface that the headers here describe), defines it as NCA_FILE_<NAME> for
# TARGET and adds the file name to the list NCA_FILES_AT_NEED.
function(nca_open_at_need target name library)
    nca_loader_name(file ${library})
    target_compile_definitions(${target} PRIVATE "NCA_FILE_${name}=\"${file}\"")
    target_include_directories(${target} SYSTEM PRIVATE ${ARGN})
    set(NCA_FILES_AT_NEED ${NCA_FILES_AT_NEED} ${file} PARENT_SCOPE)
endfunction()

# nca_loader_name(OUT LIBRARY) sets OUT to the name under which the loader knows LIBRARY.
function(nca_loader_name out library)
    execute_process(COMMAND ${CMAKE_READELF} -d ${library}
                    OUTPUT_VARIABLE dynamic ERROR_VARIABLE problem)
    if(NOT dynamic MATCHES "\\(SONAME\\)[^[]*\\[([^]]+)\\]")
        message(FATAL_ERROR "${library}: expected a shared library with a SONAME ${problem}")
    endif()
    set(${out} ${CMAKE_MATCH_1} PARENT_SCOPE)
endfunction()
