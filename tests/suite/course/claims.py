# The claims of chapters/claims, put to the kernel without socklab: prints an object, each
# claim with whether it holds here.
import json, os, shutil, socket as so, struct, subprocess

LO, TCP_SEGS = "127.0.0.1", (136, 140)
KEPT = []


def tcp():
    KEPT.append(so.socket(so.AF_INET, so.SOCK_STREAM))
    return KEPT[-1]


def listener(backlog, host=LO, option=None):
    s = tcp()
    if option is not None:
        s.setsockopt(so.SOL_SOCKET, option, 1)
    s.bind((host, 0))
    s.listen(backlog)
    return s


def client(server, host=LO, seconds=5):
    s = tcp()
    s.settimeout(seconds)
    s.connect((host, server.getsockname()[1]))
    return s


def raises(act, *which):
    try:
        act()
    except OSError as error:
        return isinstance(error, which)
    return False


def segs(s):
    info = s.getsockopt(so.IPPROTO_TCP, so.TCP_INFO, 256)
    return [struct.unpack_from("I", info, at)[0] for at in TCP_SEGS]


def refusal():
    s = listener(1)
    client(s), client(s)
    return raises(lambda: client(s, seconds=0.3), ConnectionRefusedError)


def exists():
    return raises(lambda: client(listener(1)).sendall(b"hello"), OSError)


def third_ack():
    s = listener(1)
    c = client(s)
    before = segs(c)[1]
    KEPT.append(s.accept())
    return segs(c)[1] > before


def five():
    s = listener(10)
    for _ in range(6):
        client(s)
    return raises(lambda: client(s, seconds=0.3), TimeoutError, so.timeout)


def unfailing():
    one, two = tcp(), tcp()
    for s in one, two:
        s.setsockopt(so.SOL_SOCKET, so.SO_REUSEADDR, 1)
    one.bind((LO, 0))
    two.bind(one.getsockname())
    one.listen(5)
    return not raises(lambda: two.listen(5), OSError)


def packets():
    c = tcp()
    c.setsockopt(so.IPPROTO_TCP, so.TCP_MAXSEG, 1000)
    c.connect(listener(1).getsockname())
    before = segs(c)[0]
    c.send(b"one ", so.MSG_MORE)
    c.send(b"two")
    c.send(bytes(5000))
    return segs(c)[0] - before == 3


def closed():
    s = listener(1)
    c = client(s)
    s.accept()[0].close()
    c.send(b"one more thing")
    return not raises(lambda: c.send(b"are you there?"), OSError)


def wildcard():
    s = listener(5, "0.0.0.0")
    client(s, "127.0.0.2")
    return s.accept()[0].getsockname()[0] == "0.0.0.0"


def owner():
    s = listener(5, option=so.SO_REUSEPORT)
    child = os.fork()
    if child == 0:
        mine = tcp()
        mine.setsockopt(so.SOL_SOCKET, so.SO_REUSEPORT, 1)
        failed = raises(lambda: (mine.bind(s.getsockname()), mine.listen(5)), OSError)
        os._exit(failed)
    return os.WEXITSTATUS(os.waitpid(child, 0)[1]) == 1


def udp_name():
    unix = so.socket(so.AF_UNIX, so.SOCK_DGRAM)
    return unix.getsockopt(so.SOL_SOCKET, 38) == so.IPPROTO_UDP


def golang():
    js = 'require("net").createServer().listen(0, "127.0.0.1", function () { this.close() })'
    programs = (
        ["go", "tool", "trace", "-http=127.0.0.1:0", "/dev/null"],
        ["node", "-e", js],
        ["python3", "-c", 'import socket; socket.create_server(("127.0.0.1", 0))'],
    )
    for program in filter(lambda it: shutil.which(it[0]), programs):
        trace = ["strace", "-f", "-qq", "-e", "trace=socket,bind,listen", *program]
        seen = subprocess.run(trace, stderr=subprocess.PIPE, text=True).stderr
        if not all(call + "(" in seen for call in ("socket", "bind", "listen")):
            return True
    return False


ALL = refusal, exists, third_ack, five, unfailing, packets, closed, wildcard, owner, udp_name, golang
print(json.dumps({claim.__name__.replace("_", "-"): claim() for claim in ALL}))
