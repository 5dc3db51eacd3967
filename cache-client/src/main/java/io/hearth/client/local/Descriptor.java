package io.hearth.client.local;

import java.nio.channels.FileChannel;

/**
 * A worker's file, open here.
 *
 * @param workerId whose file it is
 * @param grant what the worker calls it
 * @param channel can only read; whoever takes it closes it
 */
record Descriptor(String workerId, long grant, FileChannel channel) {}
