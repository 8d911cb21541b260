/** Answers for the names on a node's networks, and asks the host's servers for all others. */
@org.jspecify.annotations.NullMarked
package dev.waybill.noderunner.dns;
