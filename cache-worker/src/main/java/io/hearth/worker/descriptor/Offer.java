package io.hearth.worker.descriptor;

import io.hearth.worker.tier.ObjectFile;

/**
 * A grant whose descriptor has not been sent yet.
 *
 * @param descriptor this process's copy
 */
record Offer(long grant, ObjectFile file, ReadOnlyDescriptor descriptor) {}
