package dev.pgetl.benchmarks.client;

/** What a task may say. */
public enum Setting {
  /** What to do; a {@link Task.Mode}. */
  MODE,
  /** The server's host. */
  HOST,
  /** The server's port. */
  PORT,
  /** The database. */
  DATABASE,
  /** The role; its password stands in the environment variable {@code PGPASSWORD}. */
  USER,
  /** The file with the certificate to trust, PEM; the connection is encrypted if there is one. */
  CERTIFICATE,
  /** The slot to read from. */
  SLOT,
  /** The publication to read. */
  PUBLICATION,
  /**
   * How many pipelines read it together, each a publication of its own with a share of the tables.
   */
  STREAMS,
  /** The tables to copy, separated by commas. */
  TABLES,
  /** How many rows or changes there are. */
  ROWS,
  /** The position up to which to read. */
  TARGET,
  /** The folder with the states of pipelines that have made their slots. */
  STATE,
  /** The folder where a client that may be killed keeps its rows and its state. */
  KEPT,
  /** After how many rows a client waits to be killed. */
  HALT_AT,
  /** The port of the other server, which subscribes or receives the rows. */
  SUBSCRIBER_PORT,
  /** The database in the other server. */
  SUBSCRIBER_DATABASE,
  /** How a subscription gets large transactions, its option {@code streaming}. */
  STREAMING,
  /** Connections for the copy of a table. */
  CONNECTIONS,
  /** How many rows a slow destination takes per second. */
  ROWS_PER_SECOND,
  /** Whether the state is kept in files, in a temporary folder. */
  FILE_STORE,
  /** In which order rows are copied, a {@link dev.pgetl.config.ReadBy}. */
  READ_BY,
  /** How many small tables are copied together. */
  TOGETHER,
  /** Whether values are asked for in binary format. */
  BINARY,
  /** Whether every value is decoded. */
  VALUES,
  /** Whether settings are tuned, for subjects that are slow with their defaults. */
  TUNED,
  /** Where the program is that the client starts. */
  PROGRAM
}
