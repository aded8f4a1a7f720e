package dev.pgetl.benchmarks.client;

import java.util.Arrays;

/** The main program of a client's process. */
public final class ClientMain {
  private ClientMain() {}

  /**
   * Runs a client.
   *
   * @param arguments its class, and its task
   * @throws Exception if it fails
   */
  public static void main(String[] arguments) throws Exception {
    Client client =
        Class.forName(arguments[0]).asSubclass(Client.class).getDeclaredConstructor().newInstance();
    Task task = Task.parse(Arrays.asList(arguments).subList(1, arguments.length));
    try (Allocation allocation = new Allocation()) {
      client.run(task, new Conversation(System.in, System.out, allocation));
    }
    System.exit(0);
  }
}
