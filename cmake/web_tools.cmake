# Looks for the tools that build the page. NCA_WEB_MISSING: those that were not found.
set(NCA_WEB_MISSING "")
find_program(NCA_WASM_CLANG NAMES clang clang-19 clang-18 clang-17 clang-16 clang-15 clang-14)
find_program(NCA_NODE NAMES node nodejs)
find_program(NCA_NPM npm)

# A clang may lack the WebAssembly target, and on Debian its linker is in a separate package (lld).
set(probe ${PROJECT_BINARY_DIR}/CMakeFiles/probe)
file(WRITE ${probe}.c "int probe(void) { return 0; }\n")
set(code 1)
if(EXISTS "${NCA_WASM_CLANG}")
    execute_process(COMMAND ${NCA_WASM_CLANG} --target=wasm32 -nostdlib -Wl,--no-entry
                            ${probe}.c -o ${probe}.wasm
                    RESULT_VARIABLE code OUTPUT_QUIET ERROR_QUIET)
endif()
if(NOT code EQUAL 0)
    list(APPEND NCA_WEB_MISSING "clang and lld for WebAssembly")
endif()
if(NOT EXISTS "${NCA_NODE}")
    list(APPEND NCA_WEB_MISSING node)
endif()
if(NOT EXISTS "${NCA_NPM}")
    list(APPEND NCA_WEB_MISSING npm)
endif()
list(JOIN NCA_WEB_MISSING ", " NCA_WEB_MISSING)
