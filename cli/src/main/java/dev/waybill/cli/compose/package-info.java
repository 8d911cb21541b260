/**
 * Compose files as requests to the platform. Pure: text in, requests or a complaint with line and
 * column out.
 *
 * @see <a href="https://github.com/compose-spec/compose-spec/blob/main/spec.md">Compose
 *     specification</a>
 */
@org.jspecify.annotations.NullMarked
package dev.waybill.cli.compose;
