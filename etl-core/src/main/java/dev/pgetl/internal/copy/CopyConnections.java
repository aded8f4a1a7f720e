package dev.pgetl.internal.copy;

import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.internal.capture.ReplicationSession;
import dev.pgetl.internal.capture.SourceDatabase;
import dev.pgetl.internal.capture.session.Session;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The connections of one copy from the first one on, so that a copy can be ended while it still
 * waits for a lock or for its slot. Thread-safe.
 */
final class CopyConnections {
  private static final Logger LOG = LoggerFactory.getLogger(CopyConnections.class);

  private final SourceDatabase source;
  private final Object lock = new Object();
  private final List<Session> opened = new ArrayList<>();
  private boolean aborted;

  CopyConnections(SourceDatabase source) {
    this.source = source;
  }

  SourceDatabase source() {
    return source;
  }

  /** {@return a new connection that reads rows} */
  Session openCopy(String role) {
    requireNotAborted();
    Session session = source.openCopy(role);
    add(session);
    return session;
  }

  /** {@return a new connection for replication commands} */
  ReplicationSession openReplication(String role) {
    requireNotAborted();
    ReplicationSession replication = source.openReplication(role);
    add(replication.session());
    return replication;
  }

  private void requireNotAborted() {
    if (isAborted()) {
      throw new EtlException(ErrorKind.SOURCE_UNAVAILABLE, "the copy was ended while it began");
    }
  }

  private void add(Session session) {
    synchronized (lock) {
      opened.add(session);
    }
    if (isAborted()) {
      session.abort();
    }
  }

  boolean isAborted() {
    synchronized (lock) {
      return aborted;
    }
  }

  /**
   * Cuts all connections at once, also those that are opened later: what runs on them fails.
   * Idempotent; for any thread.
   */
  void abort() {
    List<Session> all;
    synchronized (lock) {
      aborted = true;
      all = List.copyOf(opened);
    }
    all.forEach(Session::abort);
  }

  /**
   * Ends what the server does for connections that were cut: while it waits, for a lock or for
   * other transactions, it would not notice that. Never fails.
   */
  void endOnServer() {
    List<Session> all;
    synchronized (lock) {
      all = List.copyOf(opened);
    }
    try {
      source.end(all);
    } catch (EtlException e) {
      LOG.warn("connections of a copy that was ended may still wait: {}", e.getMessage());
    }
  }
}
