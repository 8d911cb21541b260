/** The way to native-runner: gRPC over its unix socket. */
@org.jspecify.annotations.NullMarked
package dev.waybill.noderunner.runner;
