/** Reads private keys from PEM text with the means of the JDK. */
@NullMarked
package dev.pgetl.internal.pem;

import org.jspecify.annotations.NullMarked;
