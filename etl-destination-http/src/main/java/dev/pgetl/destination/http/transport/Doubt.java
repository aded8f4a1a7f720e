package dev.pgetl.destination.http.transport;

import java.util.Set;

/**
 * Whether the receiver may have taken a request in an attempt that was not answered, or may yet do
 * so. While it may, the same content must not be sent under another key.
 */
public enum Doubt {
  /** It has not: all attempts were answered, or none arrived. */
  NONE(Set.of()),
  /** In an earlier call: it has had time to finish, and would say so of a key it knows. */
  EARLIER_CALL(Set.of(Doubt.CONFLICT)),
  /** In this call. */
  THIS_CALL(Set.of(400, Doubt.CONFLICT, 413, 422));

  /** By the draft of the idempotency key: the same request is still being processed. */
  static final int CONFLICT = 409;

  private final Set<Integer> outweighed;

  Doubt(Set<Integer> outweighed) {
    this.outweighed = outweighed;
  }

  /**
   * {@return whether an answer that refuses a repeated request says nothing about the first}
   *
   * @param outcome the answer
   */
  public boolean outweighs(Outcome outcome) {
    return outcome instanceof Outcome.Answered answer && outweighed.contains(answer.status());
  }
}
