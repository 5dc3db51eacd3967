package io.hearth.fuse.tree;

import io.hearth.fuse.FuseFileSystem.ChangedNames;
import io.hearth.fuse.FuseFileSystem.NameVisitor;

/**
 * What differs between two trees: a name whose inode the other tree lacks, for an inode stands for one version. Looks
 * at what they do not share.
 */
public record TreeChanges(GenerationTree before, GenerationTree after) implements ChangedNames {
    @Override
    public void forEach(NameVisitor visitor) {
        differing(after, before, visitor);
        differing(before, after, visitor);
    }

    private static void differing(GenerationTree tree, GenerationTree other, NameVisitor visitor) {
        tree.forEachNotSharedWith(other, node -> {
            if (other.find(tree.inode(node)) == GenerationTree.NONE) {
                visitor.visit(tree.inode(tree.parent(node)), tree.name(node));
            }
        });
    }
}
