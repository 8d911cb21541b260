/** IPv4 ranges and the addresses in them: none is given out twice at a time. */
@org.jspecify.annotations.NullMarked
package dev.waybill.networking.address;
