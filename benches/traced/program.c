/* What a traced program may do: calls that are none of sockets, messages, files. */
#include <arpa/inet.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

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

int main(int words, char **word) {
    if (strcmp(word[1], "others") == 0) others();
    if (strcmp(word[1], "messages") == 0) messages();
    if (strcmp(word[1], "files") == 0) files();
    if (strcmp(word[1], "connections") == 0) connections(atoi(word[2]));
    return 0;
}
