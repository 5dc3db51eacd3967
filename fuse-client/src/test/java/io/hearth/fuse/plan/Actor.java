package io.hearth.fuse.plan;

import static io.hearth.fuse.plan.Call.Verb;

import io.hearth.fuse.Pattern;
import io.hearth.fuse.plan.Snapshot.Node;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** A program's thread: makes random calls and holds each answer against the oracle. For one thread. */
final class Actor {
    private static final long REMEMBER_NANOS_MAX = TimeUnit.SECONDS.toNanos(30);
    private static final int HANDLES_MAX = 6;
    private static final int PAGE = 4096;
    private static final Verb[] ON_PATHS = {
        Verb.STAT, Verb.STAT, Verb.STAT, Verb.ACCESS, Verb.ACCESS, Verb.GETXATTR, Verb.LISTXATTR, Verb.READLINK,
        Verb.STATFS, Verb.UNLINK, Verb.RMDIR, Verb.MKDIR, Verb.MKFIFO, Verb.SYMLINK, Verb.LINK, Verb.RENAME,
        Verb.TRUNCATE, Verb.CHMOD, Verb.CHOWN, Verb.UTIMENS, Verb.SETXATTR, Verb.REMOVEXATTR
    };

    /** The directory that holds the last name is to be on the mount. */
    private static final Set<Verb> MAKE_OR_TAKE =
            EnumSet.of(Verb.UNLINK, Verb.RMDIR, Verb.MKDIR, Verb.MKFIFO, Verb.SYMLINK, Verb.RENAME);

    /**
     * In a directory that is just gone, and that the kernel remembers, a name is looked up once more by all calls but
     * these: {@code filename_create} of Linux gives ESTALE to its callers, and they to theirs.
     */
    private static final Set<Verb> NOT_TRIED_AGAIN = EnumSet.of(Verb.MKDIR, Verb.MKFIFO, Verb.SYMLINK, Verb.LINK);

    private final String name;
    private final Random random;
    private final Programs.Program program;
    private final Stage stage;
    private final Paths paths;
    private final List<Opened> files = new ArrayList<>();
    private final List<Listed> listings = new ArrayList<>();
    private final List<Mapped> mappings = new ArrayList<>();
    private int nextHandle;

    /** An open file: the versions that it may be of, until bytes tell; how many hold it open. */
    private static final class Opened {
        final int handle;
        final String path;
        List<Node> may;
        long position;
        int holders = 1;

        Opened(int handle, String path, List<Node> may) {
            this.handle = handle;
            this.path = path;
            this.may = may;
        }

        long size() {
            return may.get(0).sizeBytes();
        }
    }

    /** An open directory, as it was when it was opened. */
    private static final class Listed {
        final int handle;
        final String path;
        final List<String> lines;
        final int shownBefore;
        int position;

        /** @param shownBefore how many snapshots had been shown when it was opened */
        Listed(int handle, String path, List<String> lines, int shownBefore) {
            this.handle = handle;
            this.path = path;
            this.lines = lines;
            this.shownBefore = shownBefore;
        }
    }

    private record Mapped(int handle, Opened file, long bytes) {}

    Actor(String name, Random random, Programs.Program program, Stage stage, Paths paths) {
        this.name = name;
        this.random = random;
        this.program = program;
        this.stage = stage;
        this.paths = paths;
    }

    void steps(int count) throws IOException {
        for (int i = 0; i < count; i++) {
            step();
        }
    }

    void closeAll() throws IOException {
        while (!mappings.isEmpty()) {
            unmap(mappings.get(0));
        }
        while (!files.isEmpty()) {
            close(files.get(0));
        }
        while (!listings.isEmpty()) {
            close(listings.get(0));
        }
    }

    private void step() throws IOException {
        int choice = random.nextInt(100);
        if (choice < 18) {
            open(flags());
        } else if (choice < 26) {
            open(Oracle.DIRECTORY);
        } else if (choice < 50) {
            onPath(ON_PATHS[random.nextInt(ON_PATHS.length)]);
        } else if (choice < 62 && !listings.isEmpty()) {
            onListing(listings.get(random.nextInt(listings.size())));
        } else if (choice < 70 && !mappings.isEmpty()) {
            onMapping(mappings.get(random.nextInt(mappings.size())));
        } else if (!files.isEmpty()) {
            onFile(files.get(random.nextInt(files.size())));
        }
    }

    private long flags() {
        long flags = random.nextInt(4) > 0 ? 0 : random.nextInt(3);
        for (int odd : new int[] {
            Oracle.CREATE, Oracle.EXCLUSIVE, Oracle.TRUNCATE, Oracle.APPEND, Oracle.DIRECT, Oracle.NO_FOLLOW
        }) {
            flags |= random.nextInt(12) == 0 ? odd : 0;
        }
        return (flags & Oracle.CREATE) == 0 ? flags & ~Oracle.EXCLUSIVE : flags;
    }

    private void onPath(Verb verb) throws IOException {
        boolean slash = verb == Verb.STAT || verb == Verb.ACCESS;
        byte[] path = MAKE_OR_TAKE.contains(verb) ? paths.below() : paths.some(slash);
        byte[] other = verb == Verb.LINK || verb == Verb.RENAME ? paths.below() : new byte[0];
        long a = verb == Verb.ACCESS ? random.nextInt(8) : random.nextInt(2);
        String got = agreed(new Call(verb, 0, a, random.nextInt(2), path, other));
        numbered(Paths.plain(path), got);
    }

    /** Once what was shown before is forgotten, the answer must be what is shown now. */
    private String agreed(Call call) throws IOException {
        return agreed(call, call);
    }

    /** @param like has a path, and is to be answered as {@code call} is */
    private String agreed(Call call, Call like) throws IOException {
        long start = System.nanoTime();
        while (true) {
            String before = stage.oracle().answer(like);
            String got = answer(call);
            String said = words(got);
            if (said.equals(before) || said.equals(stage.oracle().answer(like))) {
                return got;
            }
            if (call.verb() == Verb.OPEN && got.equals("ok") && stage.was(like, said)) {
                return got;
            }
            boolean forgotten = stage.was(like, said) || said.equals("ESTALE") && NOT_TRIED_AGAIN.contains(call.verb());
            if (!forgotten || System.nanoTime() - start > REMEMBER_NANOS_MAX) {
                throw wrong(call, before, got);
            }
            stage.tally().remembered.increment();
            LockSupport.parkNanos(1_000_000);
        }
    }

    private void open(long flags) throws IOException {
        if (files.size() + listings.size() >= HANDLES_MAX) {
            if (files.isEmpty()) {
                close(listings.get(0));
            } else {
                close(files.get(random.nextInt(files.size())));
            }
        }
        byte[] path = (flags & Oracle.CREATE) == 0 ? paths.some(true) : paths.below();
        Call call = new Call(Verb.OPEN, nextHandle++, flags, 0, path, new byte[0]);
        if (agreed(call).equals("ok")) {
            adopt(call, Paths.plain(path));
        }
    }

    private void adopt(Call opened, String path) throws IOException {
        Call fstat = Call.of(Verb.FSTAT, opened.handle(), 0, 0);
        String stat = answer(fstat);
        numbered(path, stat);
        if (stat.startsWith("dir")) {
            if (stage.now().node(path).filter(Node::directory).isEmpty()) {
                throw wrong(opened, "no directory", stat);
            }
            listings.add(new Listed(
                    opened.handle(),
                    path,
                    stage.now().listing(path),
                    stage.all().size()));
            return;
        }
        List<Node> may = stage.nodes(path).stream()
                .filter(node -> node.stat().equals(words(stat)))
                .toList();
        if (may.isEmpty()) {
            throw wrong(opened, "one of " + stage.nodes(path), stat);
        }
        files.add(new Opened(opened.handle(), path, may));
        stage.opened(path, may.get(0));
    }

    private void onFile(Opened file) throws IOException {
        if (!stage.now().node(file.path).filter(file.may::contains).isPresent()) {
            stage.tally().oldHandles.increment();
        }
        int length = 1 + random.nextInt(random.nextInt(4) == 0 ? 300_000 : 6000);
        switch (random.nextInt(14)) {
            case 0, 1, 2 -> {
                Call call = Call.of(Verb.READ, file.handle, length, 0);
                file.position += data(call, file, file.position, length, answer(call));
            }
            case 3, 4, 5, 6 -> {
                long offset = offset(file);
                Call call = Call.of(Verb.PREAD, file.handle, length, offset);
                if (offset < 0) {
                    same(call, "EINVAL");
                } else {
                    data(call, file, offset, length, answer(call));
                }
            }
            case 7 -> seek(file);
            case 8 ->
                numbered(
                        file.path,
                        same(
                                Call.of(Verb.FSTAT, file.handle, 0, 0),
                                file.may.get(0).stat()));
            case 9, 10 -> map(file);
            case 11 -> close(file);
            case 12 -> same(Call.of(Verb.FADVISE, file.handle, random.nextInt(6), 0), "ok");
            default -> refused(file.handle, "ENOTDIR");
        }
    }

    /** What a read-only handle refuses; of a directory and a file, each what the other does. */
    private void refused(int handle, String listed) throws IOException {
        switch (random.nextInt(5)) {
            case 0 -> same(Call.of(Verb.WRITE, handle, 0, 0), "EBADF");
            case 1 -> same(Call.of(Verb.FTRUNCATE, handle, 0, 0), "EINVAL");
            case 2 -> same(Call.of(Verb.FALLOCATE, handle, 0, 0), "EBADF");
            case 3 -> same(Call.of(Verb.FSYNC, handle, 0, 0), "ok");
            default -> {
                if (listed.equals("ok")) {
                    same(Call.of(Verb.READ, handle, 10, 0), "EISDIR");
                } else {
                    same(Call.of(Verb.LIST, handle, PAGE, 0), listed);
                }
            }
        }
    }

    private long offset(Opened file) {
        return switch (random.nextInt(12)) {
            case 0 -> -1;
            case 1 -> file.size();
            case 2 -> file.size() + random.nextInt(100_000);
            case 3 -> Math.max(0, file.size() - random.nextInt(5000));
            default -> (long) (random.nextDouble() * file.size());
        };
    }

    private void seek(Opened file) throws IOException {
        long offset = random.nextBoolean() ? offset(file) : -random.nextInt(5000);
        int whence = random.nextInt(5);
        Call call = Call.of(Verb.LSEEK, file.handle, offset, whence);
        if (whence > 2) {
            boolean within = offset >= 0 && offset < file.size();
            long found = whence == 3 ? offset : file.size();
            same(call, within ? "at " + found : "ENXIO");
            file.position = within ? found : file.position;
            return;
        }
        long to = offset + (whence == 1 ? file.position : whence == 2 ? file.size() : 0);
        same(call, to < 0 ? "EINVAL" : "at " + to);
        file.position = to < 0 ? file.position : to;
    }

    private void map(Opened file) throws IOException {
        if (file.size() == 0 || mappings.size() >= HANDLES_MAX) {
            return;
        }
        Mapped mapped = new Mapped(nextHandle++, file, file.size());
        same(Call.of(Verb.MMAP, mapped.handle(), file.handle, mapped.bytes()), "ok");
        file.holders++;
        mappings.add(mapped);
    }

    private void onMapping(Mapped mapped) throws IOException {
        if (random.nextInt(8) == 0) {
            unmap(mapped);
            return;
        }
        long end = (mapped.bytes() + PAGE - 1) / PAGE * PAGE;
        long offset = (long) (random.nextDouble() * end);
        int length = (int) Math.min(end - offset, 1 + random.nextInt(random.nextInt(4) == 0 ? 300_000 : 6000));
        Call call = Call.of(Verb.TOUCH, mapped.handle(), offset, length);
        String got = answer(call);
        // Behind the end, up to that of the page, are zeros.
        narrow(call, mapped.file(), got, node -> Caller.data(Arrays.copyOf(bytes(node, offset, length), length)));
    }

    private void unmap(Mapped mapped) throws IOException {
        mappings.remove(mapped);
        letGo(mapped.file());
        same(Call.of(Verb.MUNMAP, mapped.handle(), 0, 0), "ok");
    }

    private void close(Opened file) throws IOException {
        files.remove(file);
        letGo(file);
        same(Call.of(Verb.CLOSE, file.handle, 0, 0), "ok");
    }

    private void letGo(Opened file) {
        if (--file.holders == 0) {
            stage.closing(file.path);
        }
    }

    private void onListing(Listed listing) throws IOException {
        switch (random.nextInt(8)) {
            case 0 -> close(listing);
            case 1 -> {
                int place = random.nextBoolean() ? 0 : random.nextInt(listing.position + 1);
                same(Call.of(Verb.SEEK_LIST, listing.handle, place, 0), "ok");
                listing.position = place;
            }
            case 2 -> {
                if (!mayBeLost(listing)) {
                    refused(listing.handle, "ok");
                }
            }
            case 3 -> stat(listing);
            default -> list(listing);
        }
    }

    private void stat(Listed listing) throws IOException {
        Call call = Call.of(Verb.FSTAT, listing.handle, 0, 0);
        Call like = Call.of(Verb.STAT, listing.path.getBytes(StandardCharsets.UTF_8));
        if (stage.now().node(listing.path).filter(Node::directory).isPresent()) {
            String got = mayBeLost(listing) ? answer(call) : agreed(call, like);
            numbered(listing.path, got);
        } else if (!stage.pathsKeepTheirObjects()) {
            String got = answer(call);
            if (!stage.was(like, words(got))) {
                throw wrong(call, "what it was", got);
            }
        }
    }

    /** Whether an open directory may be lost: where nodes are paths, one whose path was of another kind meanwhile. */
    private boolean mayBeLost(Listed listing) {
        return stage.pathsKeepTheirObjects()
                && stage.all().subList(listing.shownBefore, stage.all().size()).stream()
                        .anyMatch(shown ->
                                shown.node(listing.path).filter(Node::directory).isEmpty());
    }

    private void close(Listed listing) throws IOException {
        listings.remove(listing);
        same(Call.of(Verb.CLOSE, listing.handle, 0, 0), "ok");
    }

    private void list(Listed listing) throws IOException {
        int[] buffers = {400, 1000, PAGE, 8 * PAGE};
        Call call = Call.of(Verb.LIST, listing.handle, buffers[random.nextInt(buffers.length)], 0);
        String got = answer(call);
        List<String> rest = listing.lines.subList(listing.position, listing.lines.size());
        String[] lines = got.isEmpty() ? new String[0] : got.split("\n");
        boolean right = lines.length <= rest.size() && (lines.length > 0 || rest.isEmpty());
        for (int i = 0; right && i < lines.length; i++) {
            right = words(lines[i]).equals(rest.get(i)) && !lines[i].endsWith(" #0");
            if (right && listing.position + i >= 2) {
                String entry = rest.get(i).substring(0, rest.get(i).indexOf(' '));
                String above = listing.path.isEmpty() ? "" : Call.printable(listing.path) + "/";
                numberedPrintable(above + entry, lines[i]);
            }
        }
        if (!right && mayBeLost(listing) && (got.equals("EIO") || got.equals("ENOENT"))) {
            return;
        }
        if (!right) {
            throw wrong(call, "the beginning of " + rest, got);
        }
        listing.position += lines.length;
    }

    /** @return the bytes that were to be read */
    private int data(Call call, Opened file, long offset, int length, String got) {
        narrow(call, file, got, node -> Caller.data(bytes(node, offset, length)));
        return (int) Math.max(0, Math.min(length, file.size() - offset));
    }

    private static byte[] bytes(Node node, long offset, int length) {
        return Pattern.bytes(node.seed(), offset, (int) Math.max(0, Math.min(length, node.sizeBytes() - offset)));
    }

    private void narrow(Call call, Opened file, String got, java.util.function.Function<Node, String> expected) {
        List<Node> like = file.may.stream()
                .filter(node -> expected.apply(node).equals(got))
                .toList();
        if (like.isEmpty()) {
            throw wrong(call, expected.apply(file.may.get(0)) + " of " + file.path, got);
        }
        stage.tally().bytes.add(Long.parseLong(got.substring(6, got.indexOf(' '))));
        file.may = like;
    }

    private String same(Call call, String expected) throws IOException {
        String got = answer(call);
        if (!words(got).equals(expected)) {
            throw wrong(call, expected, got);
        }
        return got;
    }

    private void numbered(String path, String got) {
        numberedPrintable(Call.printable(path), got);
    }

    private void numberedPrintable(String path, String got) {
        int at = got.indexOf(" #");
        if (at >= 0 && !stage.numbered(path, Long.parseLong(got.substring(at + 2)))) {
            throw new AssertionError("inode numbers: " + path + " is " + got + "\n  " + stage.log());
        }
    }

    private static String words(String answer) {
        int number = answer.indexOf(" #");
        return number < 0 ? answer : answer.substring(0, number);
    }

    private String answer(Call call) throws IOException {
        stage.tally().called(call.verb());
        String answer = program.answer(call);
        stage.note(name + ": " + call + " -> " + answer);
        return answer;
    }

    private AssertionError wrong(Call call, String expected, String got) {
        return new AssertionError(
                name + ": " + call + "\n  is to say " + expected + "\n  and says  " + got + "\n  " + stage.log());
    }

    /** Random paths: of what is there, was there, or never was; some are no paths at all. For one thread. */
    static final class Paths {
        private final Random random;
        private final Stage stage;
        private final Listings names;

        Paths(Random random, Stage stage, Listings names) {
            this.random = random;
            this.stage = stage;
            this.names = names;
        }

        byte[] some(boolean maySlash) {
            List<Snapshot> all = stage.all();
            Snapshot from = random.nextInt(5) > 0 ? stage.now() : all.get(1 + random.nextInt(all.size() - 1));
            List<String> known = from.paths();
            String path = known.get(random.nextInt(known.size()));
            String odd = switch (random.nextInt(40)) {
                case 0, 1 -> "/" + names.name();
                case 2 -> "/nothing/there";
                case 3 -> "/" + "x".repeat(250 + random.nextInt(10));
                case 4 -> "/" + "x".repeat(1000 + random.nextInt(100));
                case 5 -> "//" + names.name();
                case 6 -> "/" + "deep/".repeat(830);
                case 7 -> maySlash ? "/" : "";
                default -> "";
            };
            byte[] bytes = (path + odd).getBytes(StandardCharsets.UTF_8);
            if (random.nextInt(40) == 0) {
                bytes = Arrays.copyOf(bytes, bytes.length + 3);
                bytes[bytes.length - 3] = '/';
                bytes[bytes.length - 2] = (byte) 0xff;
                bytes[bytes.length - 1] = (byte) 0xc3;
            }
            return bytes;
        }

        /** One that does not name the mount point itself. */
        byte[] below() {
            byte[] path = some(false);
            return plain(path).isEmpty() ? names.name().getBytes(StandardCharsets.UTF_8) : path;
        }

        /** The path as listings have it. */
        static String plain(byte[] path) {
            String text = new String(path, StandardCharsets.UTF_8)
                    .replaceAll("/+", "/")
                    .replaceFirst("^/", "");
            return text.endsWith("/") ? text.substring(0, text.length() - 1) : text;
        }
    }
}
