package dev.waybill.nativerunner.plan;

/**
 * One operation with its place.
 *
 * @param phase who carries it out, and when
 * @param op what is done
 * @param origin the member of {@code config.json} that it comes from, such as {@code mounts[3]}, or
 *     a word in parentheses for what every container gets
 */
public record Step(Phase phase, Op op, String origin) {}
