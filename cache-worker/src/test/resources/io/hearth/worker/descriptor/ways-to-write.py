"""Tries every way there is to change a file, by every open there is, and prints which the kernel took."""
import ctypes, errno, fcntl, mmap, os, signal, sys

signal.alarm(30)
path = sys.argv[1]
size = os.stat(path).st_size
libc = ctypes.CDLL(None, use_errno=True)
KEEP_SIZE, PUNCH, ZERO = 1, 2, 16
MADV_REMOVE, MADV_POPULATE_WRITE = 9, 23
data = mmap.mmap(-1, 4096)  # Aligned, for O_DIRECT.
data.write(b"X" * 4096)


def fallocate(file, mode):
    if libc.fallocate(file, mode, ctypes.c_long(0), ctypes.c_long(8192)) != 0:
        raise OSError(ctypes.get_errno(), "fallocate")


def spliced(file):
    out, into = os.pipe()
    os.write(into, b"S" * 4096)
    os.splice(out, file, 4096, offset_dst=0)


def from_another(file, way):
    with open(sys.executable, "rb") as other:
        way(other.fileno(), file)


def mapped(file, protection, advice=None):
    with mmap.mmap(file, size, mmap.MAP_SHARED, protection) as memory:
        if protection & mmap.PROT_WRITE:
            memory[0:4] = b"MMAP"
        if advice is not None:
            memory.madvise(advice)


def protected(file):
    with mmap.mmap(file, size, mmap.MAP_SHARED, mmap.PROT_READ) as memory:
        start = libc.mmap
        start.restype = ctypes.c_void_p
        start.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int, ctypes.c_int, ctypes.c_int, ctypes.c_long]
        address = start(None, size, mmap.PROT_READ, mmap.MAP_SHARED, file, 0)
        if libc.mprotect(ctypes.c_void_p(address), ctypes.c_size_t(size), 3) != 0:
            raise OSError(ctypes.get_errno(), "mprotect")
        ctypes.memmove(address, b"PROT", 4)


def again(file, way):
    fresh = os.open("/proc/self/fd/%d" % file, os.O_RDWR)
    try:
        way(fresh)
    finally:
        os.close(fresh)


WAYS = {
    "pwrite": lambda file: os.pwrite(file, data, 0),
    "pwritev": lambda file: os.pwritev(file, [data], 0),
    "write": lambda file: os.write(file, data),
    "fallocate": lambda file: fallocate(file, 0),
    "fallocate-punch": lambda file: fallocate(file, PUNCH | KEEP_SIZE),
    "fallocate-zero": lambda file: fallocate(file, ZERO),
    "splice": spliced,
    "sendfile": lambda file: from_another(file, lambda other, to: os.sendfile(to, other, 0, 4096)),
    "copy-file-range": lambda file: from_another(file, lambda other, to: os.copy_file_range(other, to, 4096, 0, 0)),
    "clone": lambda file: from_another(file, lambda other, to: fcntl.ioctl(to, 0x40049409, other)),
    "mmap": lambda file: mapped(file, mmap.PROT_READ | mmap.PROT_WRITE),
    "mprotect": protected,
    "madvise-remove": lambda file: mapped(file, mmap.PROT_READ, MADV_REMOVE),
    "madvise-populate": lambda file: mapped(file, mmap.PROT_READ, MADV_POPULATE_WRITE),
    "set-flags": lambda file: fcntl.ioctl(file, 0x40086602, bytes(8)),
    "set-xattr": lambda file: os.setxattr("/proc/self/fd/%d" % file, "user.hearth", b"x"),
    "chmod": lambda file: os.fchmod(file, 0o4777),
    "utime": lambda file: os.utime(file, (1, 1)),
    "seal": lambda file: fcntl.fcntl(file, 1033, 8),
    "open-again": lambda file: again(file, lambda fresh: os.pwrite(fresh, data, 0)),
    "ftruncate": lambda file: os.ftruncate(file, 100),
}
OPENS = {
    "read": os.O_RDONLY,
    "read-truncate": os.O_RDONLY | os.O_TRUNC,
    "neither": 3,
    "read-write": os.O_RDWR,
    "write": os.O_WRONLY,
    "truncate": os.O_RDWR | os.O_TRUNC,
    "append": os.O_RDWR | os.O_APPEND,
    "direct": os.O_RDWR | os.O_DIRECT,
    "create": os.O_RDWR | os.O_CREAT,
    "sync": os.O_RDWR | os.O_SYNC,
}


def attempt(name, step):
    try:
        result = step()
        print(name, "ok", flush=True)
        return result
    except OSError as e:
        print(name, errno.errorcode.get(e.errno, e.errno), flush=True)
        return None


for name, flags in OPENS.items():
    file = attempt("open " + name, lambda: os.open(path, flags, 0o666))
    if file is not None:
        for way, step in WAYS.items():
            attempt(name + " " + way, lambda: step(file))
        os.close(file)
attempt("truncate", lambda: os.truncate(path, 100))
