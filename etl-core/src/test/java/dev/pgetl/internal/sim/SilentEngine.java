package dev.pgetl.internal.sim;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.slf4j.LoggerFactory;

/** Keeps what the engine logs of thousands of histories out of a test's output. */
final class SilentEngine implements BeforeAllCallback, AfterAllCallback {
  private final Logger engine = (Logger) LoggerFactory.getLogger("dev.pgetl");
  private @Nullable Level before;

  @Override
  public void beforeAll(ExtensionContext context) {
    before = engine.getLevel();
    engine.setLevel(Level.OFF);
  }

  @Override
  public void afterAll(ExtensionContext context) {
    engine.setLevel(before);
  }
}
