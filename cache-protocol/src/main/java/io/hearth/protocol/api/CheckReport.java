package io.hearth.protocol.api;

import java.util.List;

/**
 * Result of a live check of a dataset's origins.
 *
 * @param ok whether every finding is
 */
public record CheckReport(boolean ok, List<Finding> findings) {
    /**
     * One thing that was tried.
     *
     * @param mountPoint the origin
     * @param subject {@code endpoint}, {@code credentials}, {@code bucket} or {@code prefix}
     * @param detail one line: what was found, and what to do where it is not ok
     */
    public record Finding(String mountPoint, String subject, boolean ok, String detail) {}
}
