/* The calls that the walk teaches, bare: an echo server that serves one client.
 * server PORT CLIENT: starts the program CLIENT once it listens, so that neither
 * needs a call to wait for the other; the copy of fd 3 that CLIENT inherits harms
 * nothing. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

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
    struct sockaddr_storage from;
    struct sockaddr_in name = {.sin_family = AF_INET};
    socklen_t length = sizeof from;
    char buffer[10000];
    char *client[] = {argc == 3 ? argv[2] : "", argv[1], NULL};
    int on = 1, count, status;
    pid_t pid;

    if (argc != 3)
        return 2;
    name.sin_port = htons(atoi(argv[1]));
    inet_pton(AF_INET, "127.0.0.1", &name.sin_addr);

    int server = checked(socket(AF_INET, SOCK_STREAM, 0), "socket");
    checked(setsockopt(server, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on), "setsockopt");
    checked(bind(server, (struct sockaddr *)&name, sizeof name), "bind");
    checked(listen(server, 1), "listen");
    if (posix_spawn(&pid, client[0], NULL, NULL, client, environ) != 0)
        return 1;
    int conn = checked(accept(server, (struct sockaddr *)&from, &length), "accept");
    while ((count = checked(recv(conn, buffer, sizeof buffer, 0), "recv")) > 0)
        checked(send(conn, buffer, count, 0), "send");
    checked(close(conn), "close");
    checked(close(server), "close");

    checked(waitpid(pid, &status, 0), "waitpid");
    return status != 0;
}
