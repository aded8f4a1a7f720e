/**
 * The subjects. Each is measured in a process of its own: a {@link
 * dev.pgetl.benchmarks.client.Client} in a JVM of its own, or a program of Postgres in a shell.
 * Both talk to the harness over standard input and output: {@link
 * dev.pgetl.benchmarks.client.Conversation}.
 */
@NullMarked
package dev.pgetl.benchmarks.client;

import org.jspecify.annotations.NullMarked;
