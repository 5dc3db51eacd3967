package io.hearth.fuse;

import io.hearth.client.Siblings;
import io.hearth.fuse.tree.GenerationTree;
import io.hearth.protocol.ObjectRef;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/** The files beside a file, in the tree that is shown when they are asked for. Thread-safe. */
final class TreeSiblings implements Siblings {
    private final Supplier<GenerationTree> trees;
    private final long inode;

    TreeSiblings(Supplier<GenerationTree> trees, long inode) {
        this.trees = trees;
        this.inode = inode;
    }

    @Override
    public List<String> names(String suffix, int entriesMax) {
        GenerationTree tree = trees.get();
        int directory = directory(tree);
        List<String> names = new ArrayList<>();
        int entries = directory == GenerationTree.NONE ? 0 : Math.min(entriesMax, tree.children(directory));
        for (int index = 0; index < entries; index++) {
            FuseFileSystem.DirectoryEntry entry = tree.entry(directory, index);
            if (!entry.directory() && entry.name().endsWith(suffix)) {
                names.add(entry.name());
            }
        }
        return names;
    }

    @Override
    public Optional<ObjectRef> named(String name) {
        GenerationTree tree = trees.get();
        int directory = directory(tree);
        int child = directory == GenerationTree.NONE ? GenerationTree.NONE : tree.child(directory, name);
        return child == GenerationTree.NONE || tree.directory(child)
                ? Optional.empty()
                : Optional.of(tree.object(child));
    }

    private int directory(GenerationTree tree) {
        int node = tree.find(inode);
        return node == GenerationTree.NONE ? node : tree.parent(node);
    }
}
