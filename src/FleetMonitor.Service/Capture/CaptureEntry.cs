using FleetMonitor.Fleet.Units;

namespace FleetMonitor.Service.Capture;

/// <summary>One message as it was received.</summary>
/// <param name="At">When it was received, to the millisecond.</param>
/// <param name="Topic">UTF-8.</param>
/// <param name="Retain">The broker had kept it and sent it because of the subscription: it is no news.</param>
public sealed record CaptureEntry(Instant At, ReadOnlyMemory<byte> Topic, ReadOnlyMemory<byte> Payload, bool Retain);

/// <summary>One line of a capture: an entry, or what is wrong with the line and what to do about it.</summary>
/// <param name="Number">Counted from 1.</param>
/// <param name="IsTorn">It is the last one and breaks off: what a capture leaves that was killed while it wrote. It was never a whole message.</param>
public readonly record struct CaptureLine(long Number, CaptureEntry? Entry, string? Problem, bool IsTorn = false);
