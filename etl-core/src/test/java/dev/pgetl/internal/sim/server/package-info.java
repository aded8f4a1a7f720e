/** A model of one Postgres cluster: tables, transactions, WAL, slots, publications, pgoutput. */
@NullMarked
package dev.pgetl.internal.sim.server;

import org.jspecify.annotations.NullMarked;
