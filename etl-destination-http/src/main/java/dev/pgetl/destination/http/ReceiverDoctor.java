package dev.pgetl.destination.http;

import com.fasterxml.jackson.core.Version;
import com.fasterxml.jackson.core.json.PackageVersion;
import dev.pgetl.diagnose.Finding;
import dev.pgetl.diagnose.FindingCode;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.Socket;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;

/** Whether the receiver can be reached. Sends nothing: a connection is opened and closed. */
final class ReceiverDoctor {
  /** Older ones do not limit what they read, which is set here. */
  private static final Version OLDEST_JACKSON =
      new Version(2, 15, 0, null, "com.fasterxml.jackson.core", "jackson-core");

  private static final int HTTP = 80;
  private static final int HTTPS = 443;

  private ReceiverDoctor() {}

  /** {@return what is wrong} */
  static List<Finding> examine(HttpSettings settings) {
    List<Finding> found = new ArrayList<>();
    if (settings.sendsCredentialsInTheClear()) {
      found.add(
          Finding.of(
                  FindingCode.UNENCRYPTED,
                  "credentials are sent unencrypted to " + settings.origin())
              .fixedBy("Use https"));
    }
    found.addAll(library(PackageVersion.VERSION));
    if (!hasProxy(settings.baseUrl())) {
      found.addAll(reach(settings));
    }
    return found;
  }

  /** {@return whether a version of Jackson is too old} */
  static List<Finding> library(Version version) {
    return version.compareTo(OLDEST_JACKSON) >= 0
        ? List.of()
        : List.of(
            Finding.of(FindingCode.LIBRARY_VERSION, "jackson-core " + version + " is too old")
                .fixedBy(
                    "Put com.fasterxml.jackson.core:jackson-core "
                        + OLDEST_JACKSON
                        + " or later on the class path"));
  }

  /** Then only requests show whether the receiver can be reached. */
  private static boolean hasProxy(URI url) {
    ProxySelector proxies = ProxySelector.getDefault();
    return proxies != null
        && proxies.select(url).stream().anyMatch(proxy -> proxy.type() != Proxy.Type.DIRECT);
  }

  private static List<Finding> reach(HttpSettings settings) {
    URI url = settings.baseUrl();
    int usual = url.getScheme().equalsIgnoreCase("https") ? HTTPS : HTTP;
    String host = url.getHost();
    String address = host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
    try (Socket socket = new Socket()) {
      socket.connect(
          new InetSocketAddress(address, url.getPort() < 0 ? usual : url.getPort()),
          (int) Math.min(settings.limits().connect().toMillis(), Integer.MAX_VALUE));
      return List.of();
    } catch (IOException e) {
      return List.of(
          Finding.of(
                  FindingCode.DESTINATION_UNREACHABLE,
                  "connect to %s failed: %s"
                      .formatted(settings.origin(), e.getClass().getSimpleName()))
              .fixedBy("Check the address, and that the receiver listens"));
    }
  }
}
