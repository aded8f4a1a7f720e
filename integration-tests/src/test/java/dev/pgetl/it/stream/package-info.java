/** Transactions and other changes that the stream delivers, against a real server. */
@NullMarked
package dev.pgetl.it.stream;

import org.jspecify.annotations.NullMarked;
