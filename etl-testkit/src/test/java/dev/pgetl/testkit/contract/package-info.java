/**
 * The contracts tested: right implementations pass, broken ones are caught by the rule they break.
 */
@NullMarked
package dev.pgetl.testkit.contract;

import org.jspecify.annotations.NullMarked;
