/* certificates.c - which certificate authorities OpenSSL trusts by default. Knows OpenSSL's functions by name, no Python.
 *
 * OpenSSL looks in one file and one folder, fixed when it is compiled. Distributions keep their authorities in others, and
 * an executable meets all of them. The first functions take the place of OpenSSL's own (crypto/x509/x509_def.c), and look
 * when they are asked, never at start. The variables SSL_CERT_FILE and SSL_CERT_DIR come first, as always: OpenSSL reads
 * them itself.
 *
 * The setting `ca_certificates` names a file of the tree that takes the place of all that. It is read where it lies; the
 * link sends calls that load authorities here first (`--wrap`).
 *
 * OpenSSL's functions are weak, so that a program without it links; each of them is there if `_ssl` is. */

#define _GNU_SOURCE
#include <dirent.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "program.h"

#define WEAK __attribute__((weak))

typedef struct bio_st BIO;
typedef struct ssl_ctx_st SSL_CTX;
typedef struct x509_st X509;
typedef struct x509_store_st X509_STORE;

extern BIO *BIO_new_mem_buf(const void *data, int size) WEAK;
extern int BIO_free(BIO *bio) WEAK;
extern X509 *PEM_read_bio_X509(BIO *bio, X509 **into, void *password, void *argument) WEAK;
extern void X509_free(X509 *certificate) WEAK;
extern void ERR_clear_error(void) WEAK;
extern int X509_STORE_add_cert(X509_STORE *store, X509 *certificate) WEAK;
extern X509_STORE *SSL_CTX_get_cert_store(const SSL_CTX *context) WEAK;

extern int __real_X509_STORE_set_default_paths(X509_STORE *store) WEAK;
extern int __real_X509_STORE_set_default_paths_ex(X509_STORE *store, void *library, const char *query) WEAK;
extern int __real_SSL_CTX_load_verify_locations(SSL_CTX *context, const char *file, const char *folder) WEAK;

/* --- where hosts keep them --------------------------------------------------------------------------------------- */

#define OPENSSL_FOLDER "/etc/ssl"
#define OPENSSL_FILE OPENSSL_FOLDER "/cert.pem"

/* folders with a link for each authority, called by a hash of its name */
static const char *const host_folders[] = {
    OPENSSL_FOLDER "/certs",                                 /* Debian, openSUSE, Alpine, Arch, Fedora since 41 */
    "/etc/pki/tls/certs",                                    /* Red Hat */
    "/etc/pki/ca-trust/extracted/pem/directory-hash",
    "/usr/local/share/certs",                                /* FreeBSD */
};

/* files with all authorities */
static const char *const host_files[] = {
    "/etc/ssl/certs/ca-certificates.crt",                    /* Debian, Alpine, Arch, Gentoo */
    "/etc/pki/tls/certs/ca-bundle.crt",                      /* Red Hat */
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
    "/etc/ssl/ca-bundle.pem",                                /* openSUSE */
    "/var/lib/ca-certificates/ca-bundle.pem",
    "/etc/ssl/certs/ca-bundle.crt",                          /* NixOS */
    "/usr/local/share/certs/ca-root-nss.crt",                /* FreeBSD */
    "/usr/local/etc/ssl/cert.pem",
    "/etc/pki/tls/cert.pem",
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Is something in a folder called as OpenSSL looks it up: eight digits of a hash, a dot, a number? */
static int
is_hashed(const char *folder)
{
    DIR *listing = opendir(folder);
    struct dirent *entry;
    int found = 0;

    if (listing == NULL) {
        return 0;
    }
    while (!found && (entry = readdir(listing)) != NULL) {
        found = strspn(entry->d_name, "0123456789abcdef") == 8 && entry->d_name[8] == '.'
                && strspn(entry->d_name + 9, "0123456789") > 0;
    }
    closedir(listing);
    return found;
}

static const char *
find_host_folder(void)
{
    for (size_t i = 0; i < COUNT(host_folders); i++) {
        if (is_hashed(host_folders[i])) {
            return host_folders[i];
        }
    }
    return NULL;
}

static const char *
find_host_file(void)
{
    /* A folder with hashes is better than any other file: only what a connection needs is read. */
    if (access(OPENSSL_FILE, R_OK) == 0 || find_host_folder() != NULL) {
        return OPENSSL_FILE;
    }
    for (size_t i = 0; i < COUNT(host_files); i++) {
        if (access(host_files[i], R_OK) == 0) {
            return host_files[i];
        }
    }
    return OPENSSL_FILE;
}

/* --- those inside ------------------------------------------------------------------------------------------------ */

/* the file of the tree that the setting names; 1, or 0 if the host's are to be used */
static int
find_own_file(struct sb_bytes *pem)
{
    size_t size;
    struct sb_path found;
    const char *path = sb_setting("ca_certificates", &size);

    if (size == 0 || sb_blob_find_path(&sb_program.blob, path, size, &found) != 1
        || found.flags & SB_PATH_FLAG_COMPRESSED)
    {
        return 0;
    }
    *pem = found.data;
    return 1;
}

/* the file of the tree with this name as Python sees it; 1, or 0 if it lies elsewhere */
static int
find_tree_file(const char *name, struct sb_bytes *pem)
{
    size_t root = sb_program.executable ? strlen(sb_program.executable) : 0;
    struct sb_path found;

    if (root == 0 || strncmp(name, sb_program.executable, root) != 0 || name[root] != '/') {
        return 0;
    }
    name += root + 1;
    if (sb_blob_find_path(&sb_program.blob, name, strlen(name), &found) != 1
        || found.flags & (SB_PATH_FLAG_MODULE | SB_PATH_FLAG_COMPRESSED))
    {
        return 0;
    }
    *pem = found.data;
    return 1;
}

/* the name of the file inside, as Python sees it: OpenSSL finds nothing there on any disk */
static pthread_once_t named = PTHREAD_ONCE_INIT;
static char *own_name;

static void
name_own_file(void)
{
    size_t size;
    const char *path = sb_setting("ca_certificates", &size);

    if (sb_program.executable == NULL
        || asprintf(&own_name, "%s/%.*s", sb_program.executable, (int)size, path) < 0)
    {
        own_name = NULL;
    }
}

static const char *
get_own_name(void)
{
    (void)pthread_once(&named, name_own_file);
    return own_name ? own_name : "";
}

/* Add each certificate of a text to a store, if there is one, and keep it in an array, if that is wanted; how many. */
static int
add_certificates(X509_STORE *store, struct sb_bytes pem, X509 ***kept)
{
    int count = 0;
    X509 *certificate;
    BIO *bio = pem.size <= 0x7fffffff ? BIO_new_mem_buf(pem.data, (int)pem.size) : NULL;

    while (bio != NULL && (certificate = PEM_read_bio_X509(bio, NULL, NULL, NULL)) != NULL) {
        X509 **more = kept ? realloc(*kept, (size_t)(count + 1) * sizeof(X509 *)) : NULL;
        if (more != NULL) {
            more[count] = certificate;
            *kept = more;
        }
        if (store != NULL) {
            (void)X509_STORE_add_cert(store, certificate);
        }
        if (more == NULL) {
            X509_free(certificate);
        }
        count += kept == NULL || more != NULL;
    }
    if (bio != NULL) {
        (void)BIO_free(bio);
    }
    /* The end of the text is an error of the last call. */
    ERR_clear_error();
    return count;
}

/* The certificates inside are parsed once, by the first who asks. */
static pthread_once_t parsed = PTHREAD_ONCE_INIT;
static X509 **own;
static int own_count;

static void
parse_own(void)
{
    struct sb_bytes pem;

    if (find_own_file(&pem)) {
        own_count = add_certificates(NULL, pem, &own);
    }
}

static void
add_own(X509_STORE *store)
{
    (void)pthread_once(&parsed, parse_own);
    for (int i = 0; i < own_count && own != NULL; i++) {
        (void)X509_STORE_add_cert(store, own[i]);
    }
}

static int
is_overruled(void)
{
    return secure_getenv("SSL_CERT_FILE") != NULL;
}

/* --- what OpenSSL and its users call ------------------------------------------------------------------------------ */

const char *
X509_get_default_cert_file(void)
{
    struct sb_bytes pem;
    return find_own_file(&pem) ? get_own_name() : find_host_file();
}

const char *
X509_get_default_cert_dir(void)
{
    struct sb_bytes pem;
    const char *folder;

    if (find_own_file(&pem)) {
        return get_own_name();
    }
    folder = find_host_folder();
    return folder ? folder : host_folders[0];
}

const char *
X509_get_default_private_dir(void)
{
    return OPENSSL_FOLDER "/private";
}

const char *
X509_get_default_cert_area(void)
{
    return OPENSSL_FOLDER;
}

const char *
X509_get_default_cert_file_env(void)
{
    return "SSL_CERT_FILE";
}

const char *
X509_get_default_cert_dir_env(void)
{
    return "SSL_CERT_DIR";
}

int
__wrap_X509_STORE_set_default_paths(X509_STORE *store)
{
    struct sb_bytes pem;
    int status = __real_X509_STORE_set_default_paths(store);

    if (status == 1 && find_own_file(&pem) && !is_overruled()) {
        add_own(store);
    }
    return status;
}

int
__wrap_X509_STORE_set_default_paths_ex(X509_STORE *store, void *library, const char *query)
{
    struct sb_bytes pem;
    int status = __real_X509_STORE_set_default_paths_ex(store, library, query);

    if (status == 1 && find_own_file(&pem) && !is_overruled()) {
        add_own(store);
    }
    return status;
}

int
__wrap_SSL_CTX_load_verify_locations(SSL_CTX *context, const char *file, const char *folder)
{
    struct sb_bytes pem;

    /* A name below the executable can be a file inside, such as what `certifi.where()` says. */
    if (file != NULL && find_tree_file(file, &pem)
        && add_certificates(SSL_CTX_get_cert_store(context), pem, NULL) > 0)
    {
        if (folder == NULL) {
            return 1;
        }
        file = NULL;
    }
    return __real_SSL_CTX_load_verify_locations(context, file, folder);
}
