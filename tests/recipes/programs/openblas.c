/* prints: 4 x 4 of 100 terms: 100 */
#include <cblas.h>
#include <stdio.h>

int main(void) {
    static double a[4 * 100], b[100 * 4], c[4 * 4];

    for (int i = 0; i < 400; i++) a[i] = 2, b[i] = 0.5;
    cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, 4, 4, 100, 1.0, a, 100, b, 4, 0.0, c, 4);
    for (int i = 1; i < 16; i++)
        if (c[i] != c[0]) return 1;
    printf("4 x 4 of 100 terms: %g", c[0]);
    return 0;
}
