/** Which tags a policy means, for who takes policies and for who applies them. */
@org.jspecify.annotations.NullMarked
package dev.waybill.contracts.tags;
