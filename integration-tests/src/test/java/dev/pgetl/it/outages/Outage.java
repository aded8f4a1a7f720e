package dev.pgetl.it.outages;

import dev.pgetl.testkit.net.TcpProxy;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * One way in which one party fails.
 *
 * @param party which server
 * @param fault how it fails
 * @param phase what the pipeline does then
 */
record Outage(Party party, Fault fault, Phase phase) {
  /** The server that fails. */
  enum Party {
    SOURCE,
    DESTINATION,
    STORE
  }

  /** How it fails. */
  enum Fault {
    /** Connections end, and new ones are refused, until it is back. */
    REFUSES,
    /** The same for longer than the retries, so that the pipeline ends. */
    GONE,
    /** It keeps its connections and does not answer; then it does. */
    HANGS,
    /** All that is sent gets lost, and neither side is notified. */
    HALF_OPEN,
    /** Bytes pass slowly. */
    SLOW
  }

  /** What the pipeline does meanwhile. */
  enum Phase {
    COPYING,
    STREAMING
  }

  private static final long SLOW_BYTES_PER_SECOND = 400_000;

  /** {@return all of one phase} */
  static List<Outage> all(Phase phase) {
    List<Outage> all = new ArrayList<>();
    for (Party party : Party.values()) {
      for (Fault fault : Fault.values()) {
        all.add(new Outage(party, fault, phase));
      }
    }
    return all;
  }

  void begin(TcpProxy proxy) {
    switch (fault) {
      case REFUSES, GONE -> proxy.refuse();
      case HANGS -> proxy.stall();
      case HALF_OPEN -> proxy.halfOpen();
      case SLOW -> proxy.throttle(SLOW_BYTES_PER_SECOND);
    }
  }

  /**
   * A connection that leads nowhere is ended by the kernel's keepalive where nothing ends it
   * before: here one on which a copy only reads, and at the destination's server, where it holds
   * locks. The proxy's kernel answers that, so a cut stands for it.
   */
  void end(TcpProxy proxy) {
    proxy.heal();
    if (fault == Fault.HALF_OPEN && (phase == Phase.COPYING || party == Party.DESTINATION)) {
      proxy.cut();
    }
  }

  /** {@return whether the pipeline continues to move, so that nothing has to be reported} */
  boolean mayGoUnreported() {
    return fault == Fault.SLOW;
  }

  @Override
  public String toString() {
    return "%s %s while %s".formatted(party, fault, phase).toLowerCase(Locale.ROOT);
  }
}
