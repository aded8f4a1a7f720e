package dev.pgetl.destination.http.transport;

import dev.pgetl.destination.http.transport.Outcome.Answered;
import java.util.Set;

/**
 * Whether the receiver may have taken a request in an attempt that was not answered, or may yet do
 * so. While it may, the same content must not be sent under another key.
 */
public enum Doubt {
  /** It has not: all attempts were answered, or none arrived. */
  NONE,
  /**
   * This sender has made no attempt. An earlier process, an earlier session or another stream may
   * have: a conflict says that the receiver still processes that one.
   */
  ELSEWHERE,
  /** In an earlier call: it has had time to finish, and would say so of a key it knows. */
  EARLIER_CALL,
  /** In this call. */
  THIS_CALL;

  /** By the draft of the idempotency key: the same request is still being processed. */
  static final int CONFLICT = 409;

  private static final Set<Integer> REFUSALS = Set.of(400, CONFLICT, 413, 422);

  /**
   * {@return whether an answer that refuses a repeated request says nothing about the first}
   *
   * @param outcome the answer
   */
  public boolean outweighs(Outcome outcome) {
    return outcome instanceof Answered answer
        && switch (this) {
          case NONE -> false;
          case ELSEWHERE, EARLIER_CALL -> answer.status() == CONFLICT;
          case THIS_CALL -> REFUSALS.contains(answer.status());
        };
  }

  /** {@return whether an attempt of this sender is not answered} */
  public boolean isOwn() {
    return this == EARLIER_CALL || this == THIS_CALL;
  }
}
