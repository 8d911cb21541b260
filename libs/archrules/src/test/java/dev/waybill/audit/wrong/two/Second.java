package dev.waybill.audit.wrong.two;

import dev.waybill.audit.wrong.one.First;

/** The other half. */
public record Second(First other) {}
