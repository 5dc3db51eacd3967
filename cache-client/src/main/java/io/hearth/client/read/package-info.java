/**
 * Positional reads for a mount, over chunks in memory that are filled and read ahead.
 *
 * <p>{@link io.hearth.client.read.StreamedReads} is the face. An {@code OpenStream} is one open file; all who have the
 * same object open share {@code ObjectStreams}, whose {@code ReadWindow} says how far to go ahead of each stream. A
 * {@code Fill} brings a run of chunks, and the {@code ChunkTable} keeps them within the bound of the {@code ChunkPool},
 * under one lock; bytes are copied outside of it, on chunks that are held.
 */
package io.hearth.client.read;
