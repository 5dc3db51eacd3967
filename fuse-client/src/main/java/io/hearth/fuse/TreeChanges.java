package io.hearth.fuse;

import io.hearth.fuse.FuseFileSystem.ChangedNames;
import io.hearth.fuse.FuseFileSystem.NameVisitor;

/** What differs between two trees: a name whose inode the other tree lacks, for an inode stands for one version. */
record TreeChanges(GenerationTree before, GenerationTree after) implements ChangedNames {
    @Override
    public void forEach(NameVisitor visitor) {
        differing(after, before, visitor);
        differing(before, after, visitor);
    }

    private static void differing(GenerationTree tree, GenerationTree other, NameVisitor visitor) {
        for (int node = 1; node < tree.nodes(); node++) {
            if (other.find(tree.inode(node)) == GenerationTree.NONE) {
                visitor.visit(tree.inode(tree.parent(node)), tree.name(node));
            }
        }
    }
}
