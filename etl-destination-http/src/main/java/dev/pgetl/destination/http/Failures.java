package dev.pgetl.destination.http;

import dev.pgetl.destination.http.transport.Outcome;
import dev.pgetl.destination.http.transport.Outcome.Unanswered;
import dev.pgetl.destination.http.transport.RetryingSender.Result;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import org.jspecify.annotations.Nullable;

/** Converts failed requests to exceptions: the operation, its outcome, the fix. */
final class Failures {
  private static final String IN_DOUBT =
      "The receiver may have taken an earlier attempt, or still be processing one, so the same"
          + " request is sent until it is answered. Have the receiver answer 2xx to an"
          + " Idempotency-Key that it knows, before it checks anything else, and refuse events with"
          + " 422, not with 409";

  private Failures() {}

  /** {@return the exception for a request that was not accepted} */
  static EtlException of(Verdict verdict, String description, Result result, String excerpt) {
    Outcome outcome = result.outcome();
    String answer = excerpt.isEmpty() ? "" : ", answer: " + excerpt;
    boolean outweighed = result.doubt().outweighs(outcome);
    String doubt = outweighed ? " to a request that the receiver may have from before" : "";
    String message = description + " failed: " + outcome + doubt + answer;
    return new EtlException(kind(verdict), message, cause(outcome))
        .withFix(outweighed ? IN_DOUBT : fix(verdict, outcome));
  }

  private static ErrorKind kind(Verdict verdict) {
    return switch (verdict) {
      case LATER -> ErrorKind.DESTINATION_UNAVAILABLE;
      case UNTRUSTED -> ErrorKind.DESTINATION_AUTHENTICATION;
      case TAKEN, TOO_LARGE, REFUSED, OVERTAKEN, MOVED, UNKNOWN_REQUEST ->
          ErrorKind.DESTINATION_REJECTED;
    };
  }

  private static String fix(Verdict verdict, Outcome outcome) {
    return switch (verdict) {
      case LATER -> "Check that the receiver runs, can be reached from here and keeps up";
      case UNTRUSTED ->
          outcome instanceof Unanswered
              ? "Check that the host of the base URL is in the receiver's certificate, that its"
                  + " authority is trusted (trustedRootCerts), and the client certificate"
              : "Check the credentials: bearerToken, headers, signingKey or clientCertificate";
      case TOO_LARGE ->
          "A single row or event exceeds the receiver's limit: raise that limit, or"
              + " set deadLetters";
      case REFUSED ->
          "See the receiver's log for what it refuses; with deadLetters the rest continues";
      case OVERTAKEN ->
          "The receiver has a greater epoch than this process. If no other process runs the"
              + " pipeline, its state was removed: remove the epoch from the receiver, too";
      case MOVED ->
          "The receiver redirects to another address, which is not followed: use it as the base URL";
      case TAKEN, UNKNOWN_REQUEST -> "Check the base URL and that the receiver has the endpoints";
    };
  }

  private static @Nullable Throwable cause(Outcome outcome) {
    return outcome instanceof Unanswered unanswered ? unanswered.cause() : null;
  }
}
