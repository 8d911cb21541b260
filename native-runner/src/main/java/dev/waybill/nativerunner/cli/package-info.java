/**
 * Answers the command line: what the C program asks for (a plan with what it needs to keep, explain
 * and report it; the text of a plan; a sample configuration; features) over one exchange of bytes,
 * the same whether the warm service or a compiler that was started for one answer gives it.
 */
@org.jspecify.annotations.NullMarked
package dev.waybill.nativerunner.cli;
