package dev.pgetl.spring;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/** Prints what is wrong with the settings and what to do, instead of a stack trace. */
final class SettingsFailureAnalyzer extends AbstractFailureAnalyzer<PgetlSettingsException> {
  @Override
  protected FailureAnalysis analyze(Throwable rootFailure, PgetlSettingsException cause) {
    return new FailureAnalysis(String.valueOf(cause.getMessage()), cause.action(), cause);
  }
}
