/** Which tags of an upstream are copied, and what has become of each. */
@org.jspecify.annotations.NullMarked
package dev.waybill.registrysync.mirror;
