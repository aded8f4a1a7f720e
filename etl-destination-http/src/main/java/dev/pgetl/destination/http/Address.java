package dev.pgetl.destination.http;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Reads a base address, and says which part of it is wrong without quoting any: it may be secret.
 */
final class Address {
  static final int MAX_PORT = 65_535;

  private Address() {}

  /** {@return the address, or null with a problem added} */
  static @Nullable URI parse(String text, List<String> problems) {
    URI uri;
    try {
      uri = new URI(text);
    } catch (URISyntaxException e) {
      problems.add("baseUrl is not a URL: " + reason(e) + "; percent-encode what is not allowed");
      return null;
    }
    try {
      return uri.parseServerAuthority();
    } catch (URISyntaxException e) {
      problems.add("baseUrl is not a URL: " + hostProblem(uri.getRawAuthority(), e));
      return null;
    }
  }

  /** The JDK's reasons name the part and quote nothing. */
  private static String reason(URISyntaxException e) {
    return e.getReason().toLowerCase(Locale.ROOT) + " at place " + (e.getIndex() + 1);
  }

  private static String hostProblem(String authority, URISyntaxException e) {
    if (authority.indexOf('_') >= 0) {
      return "Java's client takes no host with an underscore: give the host another name, such as"
          + " a network alias";
    }
    if (authority.chars().anyMatch(c -> c > 0x7F)) {
      return "the host is not ASCII: write it in the form that begins with xn--";
    }
    return "in host or port, " + reason(e);
  }
}
