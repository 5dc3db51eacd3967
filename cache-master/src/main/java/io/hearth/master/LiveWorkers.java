package io.hearth.master;

import io.hearth.protocol.api.WorkerRegistration;
import java.util.List;

/** The workers that the master has heard of lately. Thread-safe; never blocks. */
public interface LiveWorkers {
    /** As they registered, by id. */
    List<WorkerRegistration> live();
}
