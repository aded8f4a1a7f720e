package dev.pgetl.spring;

/** A setting or a bean is missing or wrong. The application does not start; Boot prints the fix. */
final class PgetlSettingsException extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final String action;

  /**
   * Creates the exception.
   *
   * @param description what is wrong; no secret
   * @param action what to do
   */
  PgetlSettingsException(String description, String action) {
    super(description);
    this.action = action;
  }

  PgetlSettingsException(String description, String action, Throwable cause) {
    super(description, cause);
    this.action = action;
  }

  /** {@return what a builder says is wrong} */
  static PgetlSettingsException of(IllegalArgumentException refusal, String action) {
    return new PgetlSettingsException(String.valueOf(refusal.getMessage()), action, refusal);
  }

  String action() {
    return action;
  }
}
