package dev.pgetl.destination.http;

import static java.util.Map.entry;

import dev.pgetl.destination.http.transport.Outcome;
import dev.pgetl.destination.http.transport.Outcome.Answered;
import dev.pgetl.destination.http.transport.Outcome.Unanswered;
import dev.pgetl.destination.http.transport.RetryingSender.Result;
import java.util.Map;
import java.util.Set;

/** What the last attempt at a request means. */
enum Verdict {
  /** The receiver has it. */
  TAKEN,
  /** The receiver cannot be reached or asks for a later retry. */
  LATER,
  /** One side does not authenticate the other. */
  UNTRUSTED,
  /** The body is too large for the receiver. */
  TOO_LARGE,
  /** The receiver refuses something in the body. */
  REFUSED,
  /** The receiver knows a greater epoch: another process owns the pipeline. */
  OVERTAKEN,
  /** The receiver has another address. */
  MOVED,
  /** The receiver does not support such requests. */
  UNKNOWN_REQUEST;

  private static final Map<Integer, Verdict> BY_STATUS =
      Map.ofEntries(
          entry(400, REFUSED),
          entry(401, UNTRUSTED),
          entry(403, UNTRUSTED),
          entry(407, UNTRUSTED),
          entry(409, REFUSED),
          entry(412, OVERTAKEN),
          entry(413, TOO_LARGE),
          entry(422, REFUSED));

  private static final Map<Integer, Verdict> BY_CLASS =
      Map.of(2, TAKEN, 3, MOVED, 4, UNKNOWN_REQUEST, 5, LATER);

  static Verdict of(Result result, Set<Integer> retriedStatuses) {
    Outcome outcome = result.outcome();
    if (outcome instanceof Unanswered unanswered) {
      return unanswered.distrust() ? UNTRUSTED : LATER;
    }
    int status = ((Answered) outcome).status();
    if (retriedStatuses.contains(status) || result.doubt().outweighs(outcome)) {
      return LATER;
    }
    Verdict byClass = BY_CLASS.getOrDefault(status / 100, UNKNOWN_REQUEST);
    return BY_STATUS.getOrDefault(status, byClass);
  }
}
