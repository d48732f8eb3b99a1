# Tests of the page that need no browser; `make test-web` runs the others (tests/web/browser).

# The engine of the page, native: without fused multiply-adds as in WebAssembly, and with them.
set(NCA_NATIVE_SOURCES ${NCA_WASM_SOURCES} ${NCA_WASM_FAST})
list(FILTER NCA_NATIVE_SOURCES EXCLUDE REGEX "/wasm\\.c$")
add_executable(grow_two_roundings tests/web/native_engine.c ${NCA_NATIVE_SOURCES})
target_compile_definitions(grow_two_roundings PRIVATE NCA_TWO_ROUNDINGS)
target_compile_options(grow_two_roundings PRIVATE -ffunction-sections -fdata-sections)
target_link_options(grow_two_roundings PRIVATE -Wl,--gc-sections)
add_executable(grow_one_rounding tests/web/native_engine.c web/engine/engine.c $<TARGET_OBJECTS:nca_core>)
# The same with the read-out of a classifier.
list(REMOVE_ITEM NCA_CLASSES_SOURCES ${NCA_NATIVE_SOURCES})
add_executable(classify_two_roundings tests/web/native_classes.c ${NCA_NATIVE_SOURCES} ${NCA_CLASSES_SOURCES})
target_compile_definitions(classify_two_roundings PRIVATE NCA_TWO_ROUNDINGS)
target_compile_options(classify_two_roundings PRIVATE -ffunction-sections -fdata-sections)
target_link_options(classify_two_roundings PRIVATE -Wl,--gc-sections)
add_executable(classify_one_rounding tests/web/native_classes.c web/engine/engine.c web/engine/classes.c
    src/task/classify_objective.c src/task/image_state.c $<TARGET_OBJECTS:nca_core>)
foreach(program grow_two_roundings grow_one_rounding classify_two_roundings classify_one_rounding)
    target_include_directories(${program} PRIVATE web)
    target_link_libraries(${program} PRIVATE nca_options m)
    set_target_properties(${program} PROPERTIES
        RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/tests)
endforeach()

set(NCA_TEST_PAGE ${PROJECT_BINARY_DIR}/tests/page.html)
add_test(NAME web/write_page COMMAND nca_program export ${PROJECT_SOURCE_DIR}/examples/head.safetensors
    -o ${NCA_TEST_PAGE})
set_tests_properties(web/write_page PROPERTIES LABELS web FIXTURES_SETUP page)

file(GLOB NCA_WEB_TESTS CONFIGURE_DEPENDS tests/web/test_*.mjs)
foreach(script ${NCA_WEB_TESTS})
    get_filename_component(name ${script} NAME_WE)
    add_test(NAME web/${name} COMMAND ${NCA_NODE} --test ${script})
    set_tests_properties(web/${name} PROPERTIES LABELS web TIMEOUT 600 FIXTURES_REQUIRED page
        ENVIRONMENT "NCA_BUILD_DIR=${PROJECT_BINARY_DIR};NCA_PAGE=${NCA_TEST_PAGE}")
endforeach()
