package dev.pgetl.destination.http.transport;

import org.jspecify.annotations.Nullable;

/** The outcome of an attempt. */
public sealed interface Outcome {

  /**
   * The receiver answered, completely.
   *
   * @param status the status code
   * @param contentType the content type of the answer, empty if it has none
   * @param location where a redirection leads, empty if it is none
   * @param retryAfter the header {@code Retry-After}; empty if there is none
   * @param body the beginning of the answer
   * @param secrets what was sent as credentials
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Answered(
      int status,
      String contentType,
      String location,
      String retryAfter,
      byte[] body,
      SentHeaders secrets)
      implements Outcome {

    /** {@return whether the receiver has accepted the request} */
    public boolean isSuccess() {
      return status >= 200 && status < 300;
    }

    /** {@return the status alone: the rest is the receiver's text} */
    @Override
    public String toString() {
      return "status " + status;
    }
  }

  /**
   * There was no answer, or half of one: the receiver may or may not have accepted the request.
   *
   * @param reason why, in words without a value
   * @param cause what was thrown, if its text is known to be harmless
   * @param distrust whether the parties do not trust each other's certificates, which no further
   *     attempt changes
   */
  record Unanswered(String reason, @Nullable Throwable cause, boolean distrust) implements Outcome {
    @Override
    public String toString() {
      return reason;
    }
  }
}
