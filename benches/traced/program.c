/* What a traced program may do: calls that are none of sockets, messages, files. */
#include <arpa/inet.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/* So often one connection after the other is used. */
#define CALLS 2000

static void others(void) {
    for (int i = 0; i < 400000; i++) syscall(SYS_getppid);
    for (int i = 0; i < 10; i++) close(socket(AF_INET, SOCK_STREAM, 0));
}

static void messages(void) {
    struct sockaddr_in at = {AF_INET, 0, {htonl(INADDR_LOOPBACK)}};
    socklen_t len = sizeof at;
    int listener = socket(AF_INET, SOCK_STREAM, 0), client = socket(AF_INET, SOCK_STREAM, 0);
    char buf[10];
    bind(listener, (void *)&at, len);
    listen(listener, 1);
    getsockname(listener, (void *)&at, &len);
    connect(client, (void *)&at, len);
    int server = accept(listener, 0, 0);
    for (int i = 0; i < 15000; i++) {
        send(client, "ping", 4, 0);
        recv(server, buf, 10, 0);
    }
}

static void files(void) {
    int from = open("/dev/zero", O_RDONLY), to = open("/dev/null", O_WRONLY);
    char buf[10];
    for (int i = 0; i < 50000; i++) {
        read(from, buf, 10);
        write(to, buf, 10);
    }
}

/* So many connections, of which each is used a little. */
static void connections(int count) {
    struct sockaddr_in at = {AF_INET, 0, {htonl(INADDR_LOOPBACK)}};
    socklen_t len = sizeof at;
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    char buf[10];
    bind(listener, (void *)&at, len);
    listen(listener, 100);
    getsockname(listener, (void *)&at, &len);
    for (int i = 0; i < count; i++) {
        int client = socket(AF_INET, SOCK_STREAM, 0);
        connect(client, (void *)&at, len);
        int server = accept(listener, 0, 0);
        send(client, "ping", 4, 0);
        recv(server, buf, 10, 0);
    }
}

/* A server with so many connections, of which one after the other is used a little: prints
   the microseconds of a call. The clients are those of a child. */
static void crowd(int count) {
    struct sockaddr_in at = {AF_INET, 0, {htonl(INADDR_LOOPBACK)}};
    socklen_t len = sizeof at;
    struct rlimit limit;
    struct timespec began, ended;
    int listener = socket(AF_INET, SOCK_STREAM, 0), *fds = calloc(count, sizeof *fds);
    char buf[10];
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    bind(listener, (void *)&at, len);
    listen(listener, 100);
    getsockname(listener, (void *)&at, &len);
    int child = fork();
    if (child == 0) {
        for (int i = 0; i < count; i++) {
            fds[i] = socket(AF_INET, SOCK_STREAM, 0);
            if (connect(fds[i], (void *)&at, len)) exit(1);
        }
        pause();
    }
    for (int i = 0; i < count; i++) fds[i] = accept(listener, 0, 0);
    clock_gettime(CLOCK_MONOTONIC, &began);
    for (int i = 0; i < CALLS; i++) {
        send(fds[i * 37 % count], "ping", 4, 0);
        recv(fds[i * 37 % count], buf, 10, MSG_DONTWAIT);
    }
    clock_gettime(CLOCK_MONOTONIC, &ended);
    long us = (ended.tv_sec - began.tv_sec) * 1000000 + (ended.tv_nsec - began.tv_nsec) / 1000;
    printf("%f\n", us / (2.0 * CALLS));
    kill(child, SIGKILL);
}

/* So many threads, of which each makes calls until the time is over: prints how many the
   busiest has made, and the other one. */
static atomic_int is_over;

static void *calls(void *made) {
    int pair[2];
    char byte = 0;
    socketpair(AF_UNIX, SOCK_STREAM, 0, pair);
    for (; !is_over; ++*(long *)made) {
        send(pair[0], &byte, 1, 0);
        recv(pair[1], &byte, 1, 0);
    }
    return 0;
}

static void threads(int count) {
    pthread_t *thread = calloc(count, sizeof *thread);
    long *made = calloc(count, sizeof *made), most = 0, least = LONG_MAX;
    for (int i = 0; i < count; i++) pthread_create(&thread[i], 0, calls, &made[i]);
    sleep(1);
    is_over = 1;
    for (int i = 0; i < count; i++) {
        pthread_join(thread[i], 0);
        if (made[i] > most) most = made[i];
        if (made[i] < least) least = made[i];
    }
    printf("%ld %ld\n", most, least);
}

int main(int words, char **word) {
    if (strcmp(word[1], "others") == 0) others();
    if (strcmp(word[1], "messages") == 0) messages();
    if (strcmp(word[1], "files") == 0) files();
    if (strcmp(word[1], "connections") == 0) connections(atoi(word[2]));
    if (strcmp(word[1], "crowd") == 0) crowd(atoi(word[2]));
    if (strcmp(word[1], "threads") == 0) threads(atoi(word[2]));
    return 0;
}
