package dev.waybill.audit.wrong.one;

import dev.waybill.audit.wrong.two.Second;

/** Half of a circle. */
public record First(Second other) {}
