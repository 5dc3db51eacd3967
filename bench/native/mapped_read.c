/* Reads a file as a loader does that maps it: so many tensors of equal size, in shuffled order, each copied once.
   mapped_read FILE THREADS TENSORS; prints the bytes copied, and the seconds until the file is open, until the first tensor is
   there, and until all are. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { THREADS_MAX = 64, TENSORS_MAX = 65536 };

static const char *bytes;
static size_t tensor_bytes;
static int tensors;
static int order[TENSORS_MAX];
static int next_tensor;
static volatile uint64_t sink;
static double start, first_done;

static double seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec + now.tv_nsec / 1e9;
}

/* Always the same order: xorshift from a fixed start, Fisher and Yates. */
static void shuffle(void) {
    uint32_t state = 20261121;
    for (int i = 0; i < tensors; i++) order[i] = i;
    for (int i = tensors - 1; i > 0; i--) {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        int j = state % (i + 1), kept = order[i];
        order[i] = order[j];
        order[j] = kept;
    }
}

/* As a loader of safetensors does first: 8 bytes of length, then the header; of a file of something else nothing. */
static void read_header(size_t file_bytes) {
    uint64_t header;
    memcpy(&header, bytes, sizeof header);
    if (header > file_bytes - sizeof header || header > 100000000) return;
    for (uint64_t at = 0; at < header; at += 4096) sink += bytes[sizeof header + at];
}

static void *copy_tensors(void *unused) {
    (void) unused;
    char *copy = malloc(tensor_bytes);
    if (!copy) abort();
    for (;;) {
        int mine = __atomic_fetch_add(&next_tensor, 1, __ATOMIC_RELAXED);
        if (mine >= tensors) break;
        memcpy(copy, bytes + (size_t) order[mine] * tensor_bytes, tensor_bytes);
        sink += copy[tensor_bytes / 2];
        if (mine == 0) first_done = seconds() - start;
    }
    free(copy);
    return NULL;
}

int main(int count, char **words) {
    if (count != 4) return fprintf(stderr, "usage: mapped_read FILE THREADS TENSORS\n"), 2;
    int threads = atoi(words[2]);
    tensors = atoi(words[3]);
    if (threads < 1 || threads > THREADS_MAX || tensors < 1 || tensors > TENSORS_MAX) {
        return fprintf(stderr, "1 to %d threads, 1 to %d tensors\n", THREADS_MAX, TENSORS_MAX), 2;
    }
    shuffle();
    start = seconds();
    int file = open(words[1], O_RDONLY);
    double open_done = seconds() - start;
    struct stat status;
    if (file < 0 || fstat(file, &status)) return perror(words[1]), 1;
    tensor_bytes = status.st_size / tensors;
    bytes = mmap(NULL, status.st_size, PROT_READ, MAP_PRIVATE, file, 0);
    if (bytes == MAP_FAILED || tensor_bytes == 0) return perror("mmap"), 1;
    read_header(status.st_size);
    pthread_t running[THREADS_MAX];
    for (int i = 0; i < threads; i++) {
        if (pthread_create(&running[i], NULL, copy_tensors, NULL)) return perror("thread"), 1;
    }
    for (int i = 0; i < threads; i++) pthread_join(running[i], NULL);
    printf("%zu %.6f %.6f %.6f\n", tensor_bytes * tensors, open_done, first_done, seconds() - start);
    return 0;
}
