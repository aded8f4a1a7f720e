/** Carries out the fix of each message and the SQL of each page, beside neighbours. */
@NullMarked
package dev.pgetl.it.advice;

import org.jspecify.annotations.NullMarked;
