/* prints: 42 */
#include <ffi.h>
#include <stdio.h>

static int product(int a, int b) { return a * b; }

int main(void) {
    ffi_type *types[] = {&ffi_type_sint, &ffi_type_sint};
    int a = 6, b = 7;
    void *values[] = {&a, &b};
    ffi_arg result;
    ffi_cif cif;

    if (ffi_prep_cif(&cif, FFI_DEFAULT_ABI, 2, &ffi_type_sint, types) != FFI_OK) return 1;
    ffi_call(&cif, FFI_FN(product), &result, values);
    printf("%d", (int)result);
    return 0;
}
