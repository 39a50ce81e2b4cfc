/* prints: sha256 ba7816bf, TLS: yes */
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <stdio.h>

int main(void) {
    unsigned char hash[32];
    unsigned size;

    if (!EVP_Digest("abc", 3, hash, &size, EVP_sha256(), NULL)) return 1;
    printf("sha256 %02x%02x%02x%02x", hash[0], hash[1], hash[2], hash[3]);
    printf(", TLS: %s", SSL_CTX_new(TLS_client_method()) ? "yes" : "no");
    return 0;
}
