package io.hearth.fuse.kernel.session;

import io.hearth.fuse.FuseErrno;
import io.hearth.fuse.FuseFileSystem.Attributes;
import io.hearth.fuse.FuseFileSystem.Totals;
import io.hearth.fuse.kernel.wire.Request;
import java.util.Optional;

/** Names and attributes. One a thread. */
final class NodeAnswers {
    private final Tree tree;
    private final Channel channel;

    NodeAnswers(Tree tree, Channel channel) {
        this.tree = tree;
        this.channel = channel;
    }

    /** The errno that was told: a missing name is told with the time for which the kernel may say so itself. */
    int lookup(Request.Lookup request) {
        long parent = tree.inode(request.header().nodeId());
        long unique = request.header().unique();
        Optional<Attributes> found = request.name().flatMap(name -> tree.files().lookup(parent, name));
        if (found.isEmpty()) {
            channel.reply().noEntry(unique, tree.entryMs());
            channel.send();
            return FuseErrno.ENOENT.number();
        }
        Attributes attributes = found.get();
        long node = tree.nodes().name(attributes.inode());
        channel.reply().entry(unique, node, tree.entryMs(), tree.attributesMs(attributes), tree.stat(attributes));
        if (!channel.send()) {
            tree.nodes().forget(node, 1);
        }
        return 0;
    }

    void forget(Request.Forget request) {
        tree.nodes().forget(request.header().nodeId(), request.count());
    }

    void forget(Request.BatchForget request) {
        for (int i = 0; i < request.nodeIds().length; i++) {
            tree.nodes().forget(request.nodeIds()[i], request.counts()[i]);
        }
    }

    void attributes(Request.GetAttributes request) {
        Attributes attributes = of(request);
        channel.reply().attributes(request.header().unique(), tree.attributesMs(attributes), tree.stat(attributes));
        channel.send();
    }

    void statx(Request.Statx request) {
        Attributes attributes = of(request);
        channel.reply().statx(request.header().unique(), tree.attributesMs(attributes), tree.stat(attributes));
        channel.send();
    }

    void statFs(Request.StatFs request) {
        Totals totals = tree.files().totals();
        channel.reply().statFs(request.header().unique(), totals.bytes(), totals.files() + totals.directories());
        channel.send();
    }

    private Attributes of(Request request) {
        return tree.files().attributes(tree.inode(request.header().nodeId()));
    }
}
