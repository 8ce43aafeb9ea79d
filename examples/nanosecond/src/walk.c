/* Adds up a matrix along its rows, then along its columns: the same sum, the same work.
   cc -O2 walk.c -o walk && ./walk */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { N = 8192 };

long by_rows(const int *m) {
    long sum = 0;
    for (int r = 0; r < N; r++)
        for (int c = 0; c < N; c++)
            sum += m[r * N + c];
    return sum;
}

long by_columns(const int *m) {
    long sum = 0;
    for (int c = 0; c < N; c++)
        for (int r = 0; r < N; r++)
            sum += m[r * N + c];
    return sum;
}

static double seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec + now.tv_nsec / 1e9;
}

static void report(const char *name, long (*walk)(const int *), const int *m) {
    double best = 1e9;
    long sum = 0;
    for (int turn = 0; turn < 5; turn++) {
        double began = seconds();
        sum = walk(m);
        double took = seconds() - began;
        best = took < best ? took : best;
    }
    printf("%-10s  sum %ld  %6.1f ms  %5.2f ns per number\n", name, sum, best * 1e3,
           best * 1e9 / N / N);
}

int main(void) {
    int *m = malloc(sizeof(int) * N * N);
    if (!m) return 1;
    for (long i = 0; i < (long)N * N; i++) m[i] = i & 1;
    report("by rows", by_rows, m);
    report("by columns", by_columns, m);
    free(m);
    return 0;
}
