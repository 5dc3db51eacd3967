package io.hearth.fuse.kernel.wire;

/**
 * {@code fuse_in_header}, without the asker's ids, which a tree that shows everybody the same does not need.
 *
 * @param lengthBytes of the whole request
 * @param unique names the request in its reply; never used twice in a session
 * @param nodeId what it is about; 0 where it is about nothing in the tree
 */
public record RequestHeader(int lengthBytes, Opcode opcode, long unique, long nodeId) {
    static final int BYTES = 40;
}
