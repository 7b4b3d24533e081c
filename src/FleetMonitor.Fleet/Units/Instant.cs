using System.Globalization;

namespace FleetMonitor.Fleet.Units;

/// <summary>A point in time, to the millisecond, in UTC. The whole system counts time in this unit (S1).</summary>
/// <param name="UnixMilliseconds">Milliseconds since 1970-01-01T00:00:00Z.</param>
public readonly record struct Instant(long UnixMilliseconds) : IComparable<Instant>
{
    /// <summary>Floors to the millisecond, also before 1970.</summary>
    public static Instant From(DateTimeOffset time) =>
        new((time.UtcTicks - DateTimeOffset.UnixEpoch.UtcTicks - FloorRemainder(time.UtcTicks)) / TimeSpan.TicksPerMillisecond);

    public DateTimeOffset ToDateTimeOffset() => DateTimeOffset.FromUnixTimeMilliseconds(UnixMilliseconds);

    public Instant Plus(TimeSpan duration) => new(UnixMilliseconds + (duration.Ticks / TimeSpan.TicksPerMillisecond));

    public Instant Minus(TimeSpan duration) => new(UnixMilliseconds - (duration.Ticks / TimeSpan.TicksPerMillisecond));

    public int CompareTo(Instant other) => UnixMilliseconds.CompareTo(other.UnixMilliseconds);

    public static TimeSpan operator -(Instant left, Instant right) =>
        TimeSpan.FromMilliseconds(left.UnixMilliseconds - right.UnixMilliseconds);

    public static bool operator <(Instant left, Instant right) => left.UnixMilliseconds < right.UnixMilliseconds;

    public static bool operator >(Instant left, Instant right) => left.UnixMilliseconds > right.UnixMilliseconds;

    public static bool operator <=(Instant left, Instant right) => left.UnixMilliseconds <= right.UnixMilliseconds;

    public static bool operator >=(Instant left, Instant right) => left.UnixMilliseconds >= right.UnixMilliseconds;

    /// <summary>RFC 3339 in UTC with milliseconds: <c>2026-01-01T00:00:00.000Z</c>.</summary>
    public override string ToString() =>
        ToDateTimeOffset().UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    private static long FloorRemainder(long utcTicks)
    {
        long remainder = (utcTicks - DateTimeOffset.UnixEpoch.UtcTicks) % TimeSpan.TicksPerMillisecond;
        return remainder < 0 ? remainder + TimeSpan.TicksPerMillisecond : remainder;
    }
}
