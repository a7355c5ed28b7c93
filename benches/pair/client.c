/* The calls of the walk's built-in client, bare: client PORT.
 * MSG_MORE lets "one " and "two\n" arrive as the one message that the walk sees,
 * whatever the timing, so that the server makes as many calls here as there. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

static int checked(int result, const char *call)
{
    if (result < 0) {
        perror(call);
        exit(1);
    }
    return result;
}

int main(int argc, char **argv)
{
    struct sockaddr_in name = {.sin_family = AF_INET};
    char buffer[10000];

    if (argc != 2)
        return 2;
    name.sin_port = htons(atoi(argv[1]));
    inet_pton(AF_INET, "127.0.0.1", &name.sin_addr);

    int fd = checked(socket(AF_INET, SOCK_STREAM, 0), "socket");
    checked(connect(fd, (struct sockaddr *)&name, sizeof name), "connect");
    checked(send(fd, "hello\n", 6, 0), "send");
    checked(send(fd, "one ", 4, MSG_MORE), "send");
    checked(recv(fd, buffer, sizeof buffer, 0), "recv");
    checked(send(fd, "two\n", 4, 0), "send");
    checked(recv(fd, buffer, sizeof buffer, 0), "recv");
    checked(shutdown(fd, SHUT_WR), "shutdown");
    checked(close(fd), "close");
    return 0;
}
