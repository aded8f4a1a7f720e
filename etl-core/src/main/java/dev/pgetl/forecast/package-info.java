/**
 * When a replication slot is lost, or a disk is full, if the WAL that a pipeline holds grows as it
 * does now. Pure functions of samples.
 */
@NullMarked
package dev.pgetl.forecast;

import org.jspecify.annotations.NullMarked;
