package dev.pgetl.testkit.postgres;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.UserPrincipal;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * As whom the server's programs run. Postgres refuses to run as root, so for root they run in a
 * user namespace, in which root has another number, or where namespaces are forbidden as the user
 * {@code nobody}.
 *
 * @param prefix the prefix of a command that runs it as this account; empty for the user of the JVM
 * @param ownsFiles whether files must be given to {@link #NOBODY} for the account to read them
 */
record ServerAccount(List<String> prefix, boolean ownsFiles) {

  private static final String NOBODY = "65534";
  private static final ServerAccount SELF = new ServerAccount(List.of(), false);
  private static final ServerAccount USER_NAMESPACE =
      new ServerAccount(List.of("unshare", "-U"), false);
  private static final List<ServerAccount> OTHER_USERS =
      List.of(
          new ServerAccount(
              List.of("setpriv", "--reuid=" + NOBODY, "--regid=" + NOBODY, "--clear-groups"), true),
          new ServerAccount(List.of("chroot", "--userspec=" + NOBODY + ":" + NOBODY, "/"), true));

  ServerAccount {
    prefix = List.copyOf(prefix);
  }

  /** The account that works for the user of this JVM. */
  static ServerAccount detect() {
    return SELF.isUnprivileged() ? SELF : firstUnprivileged(USER_NAMESPACE);
  }

  /** The account for root where user namespaces are forbidden. */
  static ServerAccount otherUser() {
    return firstUnprivileged();
  }

  private static ServerAccount firstUnprivileged(ServerAccount... preferred) {
    List<ServerAccount> candidates = new ArrayList<>(List.of(preferred));
    candidates.addAll(OTHER_USERS);
    return candidates.stream()
        .filter(ServerAccount::isUnprivileged)
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalStateException(
                    "Postgres does not run as root, and none of unshare, setpriv and chroot gives another"
                        + " user here. Run the tests as an ordinary user"));
  }

  private boolean isUnprivileged() {
    try {
      Process process = new ProcessBuilder(command("id", "-u")).redirectErrorStream(true).start();
      process.getOutputStream().close();
      String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      return process.waitFor(10, TimeUnit.SECONDS)
          && process.exitValue() == 0
          && !output.strip().equals("0");
    } catch (IOException ignored) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while looking for a user to run Postgres as", e);
    }
  }

  /** The command as this account runs it. */
  List<String> command(String... words) {
    List<String> command = new ArrayList<>(prefix);
    command.addAll(List.of(words));
    return command;
  }

  /** Makes a file or folder the account's own. */
  void own(Path path) throws IOException {
    if (ownsFiles) {
      UserPrincipal owner =
          path.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName(NOBODY);
      Files.setOwner(path, owner);
    }
  }
}
