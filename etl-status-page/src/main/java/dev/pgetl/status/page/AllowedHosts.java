package dev.pgetl.status.page;

import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Which names a browser may have used for the page. A name that its owner can point at this machine
 * at any time (DNS rebinding) would let his pages read this one; an address cannot be pointed.
 * Immutable.
 */
final class AllowedHosts {
  private static final Pattern ADDRESS =
      Pattern.compile("\\d{1,3}(?:\\.\\d{1,3}){3}|\\[[0-9a-f:.]+(?:%[\\w.-]+)?]");
  private static final Pattern PORT = Pattern.compile(":\\d{1,5}$");

  private final Set<String> names;

  AllowedHosts(Set<String> names) {
    this.names =
        names.stream().map(name -> name.toLowerCase(Locale.ROOT)).collect(Collectors.toSet());
  }

  /** {@return whether a request with this {@code Host} is answered} */
  boolean allows(@Nullable String header) {
    if (header == null) {
      return false;
    }
    String host = PORT.matcher(header.toLowerCase(Locale.ROOT)).replaceFirst("");
    return host.equals("localhost") || ADDRESS.matcher(host).matches() || names.contains(host);
  }
}
