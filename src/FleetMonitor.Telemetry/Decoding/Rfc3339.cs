using FleetMonitor.Fleet.Units;

namespace FleetMonitor.Telemetry.Decoding;

/// <summary>Times that people and programs write, as devices' are read: RFC 3339 in full, floored to the millisecond.</summary>
public static class Rfc3339
{
    /// <returns>False where it is something else, or says no offset: then it could be any of many instants.</returns>
    public static bool TryRead(ReadOnlySpan<byte> text, out Instant at)
    {
        at = default;
        if (!ClockText.Rfc3339.TryRead(text, out ClockTime time) || time.OffsetMinutes is not { } offset)
        {
            return false;
        }

        at = Instant.From(new DateTimeOffset(time.Local, TimeSpan.Zero)).Minus(TimeSpan.FromMinutes(offset));
        return true;
    }
}
