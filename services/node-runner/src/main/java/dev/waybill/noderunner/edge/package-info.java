/** Configuration, the log and HTTP of node-runner. */
@org.jspecify.annotations.NullMarked
package dev.waybill.noderunner.edge;
