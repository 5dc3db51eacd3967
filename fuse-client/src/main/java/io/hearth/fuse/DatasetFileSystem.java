package io.hearth.fuse;

import io.hearth.client.FileTaker;
import io.hearth.client.ObjectReads;
import io.hearth.client.ObjectReads.OpenObject;
import io.hearth.client.WholeFile;
import io.hearth.fuse.tree.GenerationTree;
import io.hearth.fuse.tree.TreeChanges;
import io.hearth.protocol.ObjectId;
import io.hearth.protocol.ObjectRef;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/**
 * The tree of one dataset: names and attributes from the current {@link GenerationTree}, bytes from
 * {@link ObjectReads}.
 *
 * <p>A refresh switches the tree in one step. Handles keep the object and the listing that they were opened on; an
 * inode that the new tree lacks goes on as long as a handle holds it open.
 */
public final class DatasetFileSystem implements FuseFileSystem {
    private static final int NAME_BYTES_MAX = 255;

    private final ObjectReads reads;
    private final int openHandlesMax;
    private final MountMetrics metrics;
    private final LongSupplier nanoTime;
    private final AtomicLong nextHandle = new AtomicLong(1);
    private final Map<Long, OpenFile> files = new ConcurrentHashMap<>();
    private final Map<Long, OpenDirectory> directories = new ConcurrentHashMap<>();
    private final Map<Long, Held> held = new ConcurrentHashMap<>();
    private volatile GenerationTree tree;
    private volatile NameWatcher watcher = changed -> {};

    private record OpenFile(Attributes attributes, OpenObject object) {}

    private record OpenDirectory(GenerationTree tree, int node) {}

    /** An object that handles hold open, by its inode. */
    private record Held(Attributes attributes, ObjectRef object, ObjectId id, int handles) {
        Held plus(int more) {
            return new Held(attributes, object, id, handles + more);
        }
    }

    /**
     * @param openHandlesMax most open files and directories; more are refused with {@code ENFILE}
     * @param nanoTime {@link System#nanoTime}, the clock of {@link Attributes#sinceNanos}
     */
    public DatasetFileSystem(
            GenerationTree first, ObjectReads reads, int openHandlesMax, MountMetrics metrics, LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
        this.tree = first;
        this.reads = reads;
        this.openHandlesMax = openHandlesMax;
        this.metrics = metrics;
        metrics.tree(first.totals().files(), first.sizeBytes());
        metrics.handles(() -> files.size() + directories.size());
    }

    /** Shows {@code next} from now on. */
    public void switchTo(GenerationTree next) {
        GenerationTree before = tree;
        next.shownAt(nanoTime.getAsLong());
        tree = next;
        // Again, since the first may lie before the last answer from the old tree.
        next.shownAt(nanoTime.getAsLong());
        metrics.tree(next.totals().files(), next.sizeBytes());
        metrics.switched();
        watcher.switched(new TreeChanges(before, next));
    }

    /** The tree that is shown. */
    public GenerationTree tree() {
        return tree;
    }

    @Override
    public Optional<Attributes> lookup(long parent, String name) {
        GenerationTree now = tree;
        int directory = directoryNode(now, parent);
        requireLength(name);
        int child = now.child(directory, name);
        return child == GenerationTree.NONE ? Optional.empty() : Optional.of(now.attributes(child));
    }

    @Override
    public Attributes attributes(long inode) {
        Held open = held.get(inode);
        if (open != null) {
            return open.attributes();
        }
        GenerationTree now = tree;
        int node = now.find(inode);
        return node != GenerationTree.NONE ? now.attributes(node) : attributesOfOpenDirectory(inode);
    }

    /** Of one that a refresh took away: it goes on for those who have it open. */
    private Attributes attributesOfOpenDirectory(long inode) {
        return directories.values().stream()
                .filter(open -> open.tree().inode(open.node()) == inode)
                .map(open -> open.tree().attributes(open.node()))
                .findAny()
                .orElseThrow(FuseErrno.ESTALE::failure);
    }

    @Override
    public long openDirectory(long inode) {
        GenerationTree now = tree;
        OpenDirectory directory = new OpenDirectory(now, directoryNode(now, inode));
        requireRoom();
        long handle = nextHandle.getAndIncrement();
        directories.put(handle, directory);
        return handle;
    }

    @Override
    public List<DirectoryEntry> readDirectory(long handle, long offset, int limit) {
        OpenDirectory directory = directories.get(handle);
        if (directory == null || offset < 0) {
            throw (directory == null ? FuseErrno.EBADF : FuseErrno.EINVAL).failure();
        }
        int children = directory.tree().children(directory.node());
        List<DirectoryEntry> entries = new ArrayList<>();
        for (long index = offset; index < children && entries.size() < limit; index++) {
            entries.add(directory.tree().entry(directory.node(), (int) index));
        }
        return entries;
    }

    /** A listing of the tree that is shown is right as it stands. */
    @Override
    public Optional<Attributes> current(long handle, long directory, DirectoryEntry entry) {
        GenerationTree now = tree;
        OpenDirectory open = directories.get(handle);
        if (open != null && open.tree() == now) {
            return Optional.of(now.attributes(now.find(entry.inode())));
        }
        try {
            return FuseFileSystem.super.current(handle, directory, entry);
        } catch (FuseFailure e) {
            return Optional.empty(); // The directory itself is gone; its listing stays.
        }
    }

    @Override
    public void releaseDirectory(long handle) {
        directories.remove(handle);
    }

    @Override
    public OpenReply open(long inode) {
        requireRoom();
        Held target = hold(inode);
        OpenObject object;
        try {
            object = reads.open(target.object(), new TreeSiblings(this::tree, inode));
        } catch (RuntimeException e) {
            letGo(inode);
            throw e;
        }
        long handle = nextHandle.getAndIncrement();
        files.put(handle, new OpenFile(target.attributes(), object));
        return new OpenReply(handle, target.attributes(), true);
    }

    @Override
    public int read(long handle, long offset, ByteBuffer target) {
        return read(handle, offset, target, FileTaker.NONE);
    }

    @Override
    public int read(long handle, long offset, ByteBuffer target, FileTaker taker) {
        OpenFile file = file(handle);
        long left = file.attributes().sizeBytes() - offset;
        if (left <= 0 || offset < 0 || !target.hasRemaining()) {
            return 0;
        }
        int wanted = (int) Math.min(left, target.remaining());
        int read = file.object().read(offset, target.limit(target.position() + wanted), taker);
        if (read != wanted) {
            // The kernel fills what a short answer leaves with zeros.
            throw FuseErrno.EIO.failure();
        }
        metrics.read(read);
        return read;
    }

    @Override
    public Optional<WholeFile> whole(long handle, Duration bound) {
        return file(handle).object().whole(bound);
    }

    @Override
    public boolean hasFile(long handle) {
        return file(handle).object().hasFile();
    }

    @Override
    public void watchFiles(InodeWatcher next) {
        reads.watch((object, whole) -> held.forEach((inode, open) -> {
            if (open.id().equals(object)) {
                next.changed(inode, whole);
            }
        }));
    }

    @Override
    public void visitName(long inode, NameVisitor visitor) {
        GenerationTree now = tree;
        int node = now.find(inode);
        if (node != GenerationTree.NONE && inode != ROOT) {
            visitor.visit(now.inode(now.parent(node)), now.name(node));
        }
    }

    @Override
    public Attributes attributesOfHandle(long handle) {
        return file(handle).attributes();
    }

    @Override
    public void release(long handle) {
        OpenFile file = files.remove(handle);
        if (file != null) {
            letGo(file.attributes().inode());
            file.object().close();
        }
    }

    @Override
    public Totals totals() {
        return tree.totals();
    }

    @Override
    public void watchNames(NameWatcher next) {
        watcher = next;
    }

    private OpenFile file(long handle) {
        OpenFile file = files.get(handle);
        if (file == null) {
            throw FuseErrno.EBADF.failure();
        }
        return file;
    }

    /** The kernel asks for names of up to 1024 bytes; the file systems of a disk, and {@code statfs} here, say 255. */
    private static void requireLength(String name) {
        boolean mayBeLong = name.length() > NAME_BYTES_MAX / 3;
        if (mayBeLong && name.getBytes(StandardCharsets.UTF_8).length > NAME_BYTES_MAX) {
            throw FuseErrno.ENAMETOOLONG.failure();
        }
    }

    private void requireRoom() {
        if (files.size() + directories.size() >= openHandlesMax) {
            throw FuseErrno.ENFILE.failure();
        }
    }

    private Held hold(long inode) {
        return held.compute(inode, (number, open) -> {
            if (open != null) {
                return open.plus(1);
            }
            GenerationTree now = tree;
            int node = node(now, inode);
            if (now.directory(node)) {
                throw FuseErrno.EISDIR.failure();
            }
            ObjectRef object = now.object(node);
            return new Held(now.attributes(node), object, object.id(), 1);
        });
    }

    private void letGo(long inode) {
        held.computeIfPresent(inode, (number, open) -> open.handles() == 1 ? null : open.plus(-1));
    }

    private static int directoryNode(GenerationTree tree, long inode) {
        int node = node(tree, inode);
        if (!tree.directory(node)) {
            throw FuseErrno.ENOTDIR.failure();
        }
        return node;
    }

    private static int node(GenerationTree tree, long inode) {
        int node = tree.find(inode);
        if (node == GenerationTree.NONE) {
            throw FuseErrno.ESTALE.failure();
        }
        return node;
    }
}
