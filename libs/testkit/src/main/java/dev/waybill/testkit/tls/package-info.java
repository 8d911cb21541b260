/** Certificates for servers of tests, made as they are needed. */
@org.jspecify.annotations.NullMarked
package dev.waybill.testkit.tls;
