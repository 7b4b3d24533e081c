using FleetMonitor.Fleet.Units;

namespace FleetMonitor.Anomalies;

/// <summary>
/// A point in time in four bytes: whole seconds since 1970, where 0 means never. Good until 2106; a reading's time is never before 2010 (S10).
/// </summary>
internal readonly record struct Seconds(uint Value)
{
    public static readonly Seconds Never;

    public bool IsSet => Value != 0;

    public static Seconds From(Instant instant) =>
        new((uint)Math.Clamp(instant.UnixMilliseconds / 1000, 1, uint.MaxValue));

    public Instant ToInstant() => new(Value * 1000L);

    public Seconds Plus(TimeSpan duration) =>
        new((uint)Math.Clamp(Value + (long)duration.TotalSeconds, 1, uint.MaxValue));

    /// <summary>In seconds; negative where <paramref name="left"/> is the earlier.</summary>
    public static long operator -(Seconds left, Seconds right) => (long)left.Value - right.Value;

    public static bool operator <(Seconds left, Seconds right) => left.Value < right.Value;

    public static bool operator >(Seconds left, Seconds right) => left.Value > right.Value;

    public static bool operator <=(Seconds left, Seconds right) => left.Value <= right.Value;

    public static bool operator >=(Seconds left, Seconds right) => left.Value >= right.Value;
}
