/* prints: blake2b 0e5751c0, opened: hello, signature: good, argon2: good */
#include <sodium.h>
#include <stdio.h>
#include <string.h>

int main(void) {
    unsigned char hash[32], key[crypto_secretbox_KEYBYTES] = {1}, nonce[crypto_secretbox_NONCEBYTES] = {2}, box[5 + crypto_secretbox_MACBYTES];
    unsigned char opened[6] = {0}, public_key[crypto_sign_PUBLICKEYBYTES], secret_key[crypto_sign_SECRETKEYBYTES], signature[crypto_sign_BYTES];
    char password[crypto_pwhash_STRBYTES];

    if (sodium_init() < 0) return 1;
    crypto_generichash(hash, sizeof hash, NULL, 0, NULL, 0);
    printf("blake2b %02x%02x%02x%02x", hash[0], hash[1], hash[2], hash[3]);
    crypto_secretbox_easy(box, (const unsigned char *)"hello", 5, nonce, key);
    if (crypto_secretbox_open_easy(opened, box, sizeof box, nonce, key) != 0) return 1;
    printf(", opened: %s", opened);
    crypto_sign_keypair(public_key, secret_key);
    crypto_sign_detached(signature, NULL, hash, sizeof hash, secret_key);
    printf(", signature: %s", crypto_sign_verify_detached(signature, hash, sizeof hash, public_key) == 0 ? "good" : "bad");
    if (crypto_pwhash_str(password, "secret", 6, crypto_pwhash_OPSLIMIT_MIN, crypto_pwhash_MEMLIMIT_MIN) != 0) return 1;
    printf(", argon2: %s", crypto_pwhash_str_verify(password, "secret", 6) == 0 ? "good" : "bad");
    return 0;
}
