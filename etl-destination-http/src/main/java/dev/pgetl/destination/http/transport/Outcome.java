package dev.pgetl.destination.http.transport;

import org.jspecify.annotations.Nullable;

/** The outcome of an attempt. */
public sealed interface Outcome {

  /** {@return whether the receiver may have taken the request, or may yet do so} */
  boolean isOpen();

  /**
   * The receiver answered, completely.
   *
   * @param status the status code
   * @param contentType the content type of the answer, empty if it has none
   * @param location where a redirection leads, empty if it is none
   * @param retryAfter the header {@code Retry-After}; empty if there is none
   * @param date the header {@code Date}, by the receiver's clock; empty if there is none
   * @param body the beginning of the answer
   * @param secrets what was sent as credentials
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Answered(
      int status,
      String contentType,
      String location,
      String retryAfter,
      String date,
      byte[] body,
      SentHeaders secrets)
      implements Outcome {

    /** A gateway answers 5xx for a receiver that does not; one that works on it answers 409. */
    @Override
    public boolean isOpen() {
      return status >= 500 || status == Doubt.CONFLICT;
    }

    /** {@return the status alone: the rest is the receiver's text} */
    @Override
    public String toString() {
      return "status " + status;
    }
  }

  /**
   * There was no answer, or half of one.
   *
   * @param reason why, in words without a value
   * @param cause what was thrown, if its text is known to be harmless
   * @param distrust whether the parties do not trust each other's certificates, which no further
   *     attempt changes
   * @param isOpen whether all of the request was sent; otherwise the receiver does not have it
   */
  record Unanswered(String reason, @Nullable Throwable cause, boolean distrust, boolean isOpen)
      implements Outcome {
    @Override
    public String toString() {
      return reason;
    }
  }
}
