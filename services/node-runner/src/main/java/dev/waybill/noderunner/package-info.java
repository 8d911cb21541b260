/**
 * One host's part: what is assigned to it becomes containers, and what becomes of them is reported.
 */
@org.jspecify.annotations.NullMarked
package dev.waybill.noderunner;
