/* A tracer that does nothing: sendto and recvfrom of a program stop twice, on the tracer's
   CPU, and go on. What any tracer of these calls takes on this machine at the least. */
#define _GNU_SOURCE
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* Becomes the program, whose sendto and recvfrom are reported to the tracer. */
static void become(char **program) {
    struct sock_filter lines[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_sendto, 1, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_recvfrom, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRACE),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog filter = {sizeof lines / sizeof *lines, lines};
    raise(SIGSTOP);
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter);
    execv(*program, program);
    _exit(127);
}

/* Lets it go on here, and gives it its own CPUs back. */
static void resume(int request, pid_t pid, long signal, cpu_set_t *here) {
    cpu_set_t own;
    sched_getaffinity(pid, sizeof own, &own);
    sched_setaffinity(pid, sizeof *here, here);
    ptrace(request, pid, 0, signal);
    sched_setaffinity(pid, sizeof own, &own);
}

int main(int argc, char **word) {
    int status;
    cpu_set_t here;
    pid_t pid = fork();
    if (pid == 0) become(word + 1);
    waitpid(pid, &status, WUNTRACED);
    ptrace(PTRACE_SEIZE, pid, 0,
           PTRACE_O_TRACESECCOMP | PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL);
    CPU_ZERO(&here);
    CPU_SET(sched_getcpu(), &here);
    sched_setaffinity(0, sizeof here, &here);
    kill(pid, SIGCONT);
    while (waitpid(pid, &status, __WALL) > 0 && WIFSTOPPED(status)) {
        int event = status >> 16, signal = WSTOPSIG(status);
        if (event == PTRACE_EVENT_SECCOMP)
            resume(PTRACE_SYSCALL, pid, 0, &here);
        else if (event || signal == (SIGTRAP | 0x80))
            resume(PTRACE_CONT, pid, 0, &here);
        else
            resume(PTRACE_CONT, pid, signal, &here);
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
