package dev.pgetl.internal.sim.time;

import java.io.Serial;

/** Unwinds the threads of a process that was killed. What they still try to do has no effect. */
public final class ProcessDied extends Error {
  @Serial private static final long serialVersionUID = 1L;

  ProcessDied() {
    super("the process was killed", null, false, false);
  }
}
