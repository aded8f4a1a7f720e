package dev.pgetl.internal.sim;

import dev.pgetl.internal.sim.server.Statement;
import java.util.List;

/** One step of a script. */
sealed interface Step {
  /** Statements in the transaction of a session, which then ends or stays open. */
  record Sql(int session, List<Statement> statements, End end) implements Step {
    public Sql {
      statements = List.copyOf(statements);
    }
  }

  /** How a step leaves its transaction. */
  enum End {
    COMMIT,
    ROLLBACK,
    OPEN
  }

  /** WAL of others. */
  record Noise(int bytes) implements Step {}

  record Wait(long millis) implements Step {}

  /** Time passes until a copy has begun a range of its table, if that is soon. */
  record AwaitRanges() implements Step {}

  /** Calls of the store go wrong. */
  record StoreFault(Fault fault, int times, int apart) implements Step {}

  /** Calls of the destination go wrong. */
  record DestinationFault(Fault fault, int times, int apart) implements Step {}

  /** The destination refuses a table until it is copied again. */
  record Refuse(int table) implements Step {}

  /** One in so many connections is lost. */
  record Cut(int oneIn) implements Step {}

  record Unreachable(long millis) implements Step {}

  record Restart(long stopMillis, long downMillis) implements Step {}

  record Crash(long downMillis) implements Step {}

  /** The volume is kept, to be set back to. */
  record KeepVolume() implements Step {}

  record SetBack() implements Step {}

  record Checkpoint() implements Step {}

  /** What someone else does to a slot of the pipeline, maybe having cut its connections. */
  record Slot(SlotAct act, int which, boolean cut) implements Step {}

  enum SlotAct {
    DROP,
    ADVANCE,
    INVALIDATE
  }

  /** The process of the pipeline is killed and started again. */
  record Kill(long downMillis) implements Step {}

  /** The pipeline is closed and started again in the same process. */
  record Reopen() implements Step {}

  /** A second process of the same pipeline, for a while. */
  record Second(boolean ownStore, long millis) implements Step {}

  record Resync(int table) implements Step {}
}
