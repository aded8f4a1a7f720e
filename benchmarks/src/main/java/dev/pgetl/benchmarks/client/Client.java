package dev.pgetl.benchmarks.client;

/** A subject, inside its own process. */
public interface Client {
  /**
   * Does a task.
   *
   * @param task what to do
   * @param harness who has to be told, and tells when to begin and to end
   * @throws Exception if that fails; the process ends
   */
  void run(Task task, Conversation harness) throws Exception;
}
