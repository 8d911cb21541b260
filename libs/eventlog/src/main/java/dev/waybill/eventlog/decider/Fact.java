package dev.waybill.eventlog.decider;

import com.google.protobuf.Message;
import java.time.Instant;

/**
 * What a decider sees of an event.
 *
 * @param eventId id of the event
 * @param time the decider's time at this fact: never earlier than at the fact before
 * @param actor who asked for what led here
 * @param payload the contract message
 */
public record Fact(String eventId, Instant time, String actor, Message payload) {}
