package io.hearth.fuse.kernel.session;

import io.hearth.fuse.FuseErrno;
import io.hearth.fuse.FuseFileSystem;
import io.hearth.fuse.FuseFileSystem.Attributes;
import io.hearth.fuse.FuseFileSystem.DirectoryEntry;
import io.hearth.fuse.kernel.wire.Listing;
import io.hearth.fuse.kernel.wire.Request;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.stream.LongStream;

/** Listings. Offsets on the wire: 1 after {@code .}, 2 after {@code ..}, then one more an entry. One a thread. */
final class DirectoryAnswers {
    private static final byte[] SELF = {'.'};
    private static final byte[] PARENT = {'.', '.'};
    private static final int DOTS = 2;

    /** What libfuse gives where a number is not known; some programs pass over entries with the number 0. */
    private static final long UNKNOWN_INODE = 0xffff_ffffL;

    /** Most entries asked of the file system at once. */
    private static final int STEP_MAX = 256;

    private final Tree tree;
    private final Channel channel;

    DirectoryAnswers(Tree tree, Channel channel) {
        this.tree = tree;
        this.channel = channel;
    }

    void open(Request.OpenDirectory request) {
        long handle = tree.files().openDirectory(tree.inode(request.header().nodeId()));
        channel.reply().opened(request.header().unique(), handle, 0, 0);
        if (!channel.send()) {
            tree.files().releaseDirectory(handle);
        }
    }

    void read(Request.ReadDirectory request) {
        if (request.sizeBytes() < 0 || request.offset() < 0) {
            throw FuseErrno.EINVAL.failure();
        }
        LongStream.Builder named = LongStream.builder();
        Listing listing = channel.reply().listing(request.sizeBytes());
        try {
            fill(request, listing, named);
        } catch (RuntimeException | Error e) {
            unname(named);
            throw e;
        }
        listing.end(request.header().unique());
        if (!channel.send()) {
            unname(named);
        }
    }

    void release(Request.ReleaseDirectory request) {
        tree.files().releaseDirectory(request.handle());
        channel.reply().done(request.header().unique());
        channel.send();
    }

    private void fill(Request.ReadDirectory request, Listing listing, LongStream.Builder named) {
        FuseFileSystem files = tree.files();
        long directory = tree.inode(request.header().nodeId());
        long offset = request.offset();
        boolean room = true;
        while (room && offset < DOTS) {
            Listing.Entry dot = offset == 0
                    ? new Listing.Entry(SELF, files.attributes(directory).displayInode(), true, 1)
                    : new Listing.Entry(PARENT, UNKNOWN_INODE, true, DOTS);
            room = request.plus() ? listing.addBare(dot) : listing.add(dot);
            offset++;
        }
        while (room) {
            int step = Math.min(STEP_MAX, listing.entriesMax(request.plus()));
            List<DirectoryEntry> entries = files.readDirectory(request.handle(), offset - DOTS, step);
            room = !entries.isEmpty();
            for (int i = 0; room && i < entries.size(); i++) {
                room = add(request, listing, directory, entries.get(i), ++offset, named);
            }
        }
    }

    private boolean add(
            Request.ReadDirectory request,
            Listing listing,
            long directory,
            DirectoryEntry entry,
            long next,
            LongStream.Builder named) {
        byte[] name = entry.name().getBytes(StandardCharsets.UTF_8);
        Listing.Entry line = new Listing.Entry(name, entry.displayInode(), entry.directory(), next);
        if (!request.plus()) {
            return listing.add(line);
        }
        if (!listing.hasRoomWithAttributes(line)) {
            return false;
        }
        // The listing is as old as its handle: what it names may be remembered only if the tree still says the same.
        Optional<Attributes> now = tree.files().current(request.handle(), directory, entry);
        if (now.isEmpty()) {
            return listing.addBare(line);
        }
        long node = tree.nodes().name(entry.inode());
        named.add(node);
        return listing.add(line, node, tree.entryMs(), tree.attributesMs(now.get()), tree.stat(now.get()));
    }

    private void unname(LongStream.Builder named) {
        named.build().forEach(node -> tree.nodes().forget(node, 1));
    }
}
