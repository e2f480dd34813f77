/* Writes down what a process does to the files of one folder, in order: preloaded into the process (LD_PRELOAD).
 *
 * POWERCUT_FOLDER: the folder; POWERCUT_LOG: the file to append to. A record is
 *   kind (w write, t truncate, s sync, u unlink), length of the name, offset, length of the data (little-endian 64 bit),
 *   the file's name, the data.
 * One process, whose threads may all write: a record is one write(2) on a file opened with O_APPEND, under a lock. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static void *real(const char *name) { return dlsym(RTLD_NEXT, name); }

static void note(char kind, const char *path, int64_t offset, const void *data, int64_t length) {
    static int log_file = -1;
    static ssize_t (*plain_write)(int, const void *, size_t);
    const char *folder = getenv("POWERCUT_FOLDER"), *name = getenv("POWERCUT_LOG");
    if (!folder || !name || strncmp(path, folder, strlen(folder))) return;
    path += strlen(folder) + 1;
    pthread_mutex_lock(&lock);
    if (log_file < 0) {
        plain_write = (ssize_t(*)(int, const void *, size_t))real("write");
        log_file = open(name, O_WRONLY | O_CREAT | O_APPEND, 0600);
    }
    int64_t parts[3] = {(int64_t)strlen(path), offset, length};
    size_t size = 1 + sizeof parts + parts[0] + length, at = 0;
    char *record = malloc(size);
    record[0] = kind;
    memcpy(record + 1, parts, sizeof parts);
    memcpy(record + 1 + sizeof parts, path, parts[0]);
    if (length) memcpy(record + 1 + sizeof parts + parts[0], data, length);
    while (at < size) {
        ssize_t done = plain_write(log_file, record + at, size - at);
        if (done < 0) abort();
        at += done;
    }
    free(record);
    pthread_mutex_unlock(&lock);
}

static void note_file(char kind, int file, int64_t offset, const void *data, int64_t length) {
    char link[64], path[PATH_MAX + 1];
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    ssize_t size = readlink(link, path, PATH_MAX);
    if (size <= 0) return;
    path[size] = 0;
    note(kind, path, offset, data, length);
}

ssize_t pwrite64(int file, const void *data, size_t length, off64_t offset) {
    ssize_t done = ((ssize_t(*)(int, const void *, size_t, off64_t))real("pwrite64"))(file, data, length, offset);
    if (done > 0) note_file('w', file, offset, data, done);
    return done;
}

ssize_t pwrite(int file, const void *data, size_t length, off_t offset) { return pwrite64(file, data, length, offset); }

ssize_t write(int file, const void *data, size_t length) {
    off64_t offset = lseek64(file, 0, SEEK_CUR);
    ssize_t done = ((ssize_t(*)(int, const void *, size_t))real("write"))(file, data, length);
    if (done > 0 && offset >= 0) note_file('w', file, offset, data, done);
    return done;
}

int ftruncate64(int file, off64_t length) {
    int failed = ((int (*)(int, off64_t))real("ftruncate64"))(file, length);
    if (!failed) note_file('t', file, length, NULL, 0);
    return failed;
}

int ftruncate(int file, off_t length) { return ftruncate64(file, length); }

int fsync(int file) {
    int failed = ((int (*)(int))real("fsync"))(file);
    if (!failed) note_file('s', file, 0, NULL, 0);
    return failed;
}

int fdatasync(int file) {
    int failed = ((int (*)(int))real("fdatasync"))(file);
    if (!failed) note_file('s', file, 0, NULL, 0);
    return failed;
}

int unlink(const char *path) {
    int failed = ((int (*)(const char *))real("unlink"))(path);
    if (!failed) note('u', path, 0, NULL, 0);
    return failed;
}
