package dev.pgetl.status.page;

import dev.pgetl.status.json.StatusHistory;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.InstantSource;
import java.util.Base64;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/** What the page consists of. Safe for concurrent use. */
final class PageContent {
  private static final Pattern SCRIPT = element("script");
  private static final Pattern STYLE = element("style");

  private final byte[] page;
  private final String policy;
  private final Sources sources;
  private final InstantSource clock;
  private final StatusHistory history = new StatusHistory();

  PageContent(Sources sources, InstantSource clock) {
    this.sources = sources;
    this.clock = clock;
    String html = html();
    page = html.getBytes(StandardCharsets.UTF_8);
    policy = policy(html);
  }

  /**
   * A part of the page.
   *
   * @param type its media type
   * @param body its bytes
   */
  @SuppressWarnings("ArrayRecordComponent") // written once, compared never
  record Part(String type, byte[] body) {}

  /** {@return the part with a path; empty if there is none} */
  Optional<Part> part(String path) {
    return switch (path) {
      case "/" -> Optional.of(new Part("text/html; charset=utf-8", page));
      case "/status" -> Optional.of(json(sources.document(clock.instant()).toJson()));
      case "/history" -> Optional.of(json(history.toJson()));
      default -> Optional.empty();
    };
  }

  private static Part json(byte[] body) {
    return new Part("application/json", body);
  }

  /** Takes a sample for the graphs. */
  void sample() {
    history.add(clock.instant(), sources.statuses());
  }

  /**
   * {@return what the browser may do for the page} It runs the one script and uses the one style
   * sheet that are in it, and reads from where it came from.
   */
  String policy() {
    return policy;
  }

  private static String html() {
    try (InputStream file = PageContent.class.getResourceAsStream("page.html")) {
      byte[] bytes = Objects.requireNonNull(file, "page.html").readAllBytes();
      return new String(bytes, StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Pattern element(String name) {
    return Pattern.compile("<" + name + ">(.*?)</" + name + ">", Pattern.DOTALL);
  }

  private static String policy(String html) {
    return "default-src 'none'; script-src "
        + hash(SCRIPT, html)
        + "; style-src "
        + hash(STYLE, html)
        + "; img-src data:; connect-src 'self'; base-uri 'none'; form-action 'none';"
        + " frame-ancestors 'none'";
  }

  /** The one element of its kind, by the hash of its text. */
  private static String hash(Pattern element, String html) {
    MatchResult found = element.matcher(html).results().findFirst().orElseThrow();
    try {
      byte[] text = found.group(1).getBytes(StandardCharsets.UTF_8);
      byte[] hash = MessageDigest.getInstance("SHA-256").digest(text);
      return "'sha256-" + Base64.getEncoder().encodeToString(hash) + "'";
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e); // every Java has it
    }
  }
}
