using FleetMonitor.Fleet.Units;

namespace FleetMonitor.Metering;

/// <summary>Energy from power since the last register reading, on one local day: replaced when the next register reading comes (S5).</summary>
public readonly record struct TailDay(DateOnly Day, Energy Integrated, Energy Estimated);

/// <summary>
/// All that metering remembers of one device after the readings so far, whatever their number. A value: a copy is a checkpoint, from which the
/// same readings give the same energy again.
/// </summary>
public record struct MeterState
{
    public bool HasPower;
    public bool HasRegister;

    /// <summary>The newest power sample; means nothing without <see cref="HasPower"/>.</summary>
    public Instant PowerAt;
    public Power Power;

    /// <summary>The first register reading of all; up to it, power counts.</summary>
    public Instant FirstRegisterAt;

    /// <summary>The newest register reading; from it on, power counts until the next one comes.</summary>
    public Instant RegisterAt;

    /// <summary>The highest register value since the last reset: what the next one is measured against (S7).</summary>
    public Energy Highest;

    /// <summary>True where the tail left a gap that the next register reading covers.</summary>
    public bool TailHasGap;

    /// <summary>Oldest first. Never changed in place: copies of the state share it.</summary>
    public TailDay[]? Tail;

    /// <summary>Equal state means equal books from here on; the tail counts by content.</summary>
    public readonly bool Equals(MeterState other) =>
        HasPower == other.HasPower && HasRegister == other.HasRegister && PowerAt == other.PowerAt && Power == other.Power
        && FirstRegisterAt == other.FirstRegisterAt && RegisterAt == other.RegisterAt && Highest == other.Highest
        && TailHasGap == other.TailHasGap && (Tail ?? []).AsSpan().SequenceEqual(other.Tail ?? []);

    public override readonly int GetHashCode() => HashCode.Combine(PowerAt, Power, RegisterAt, Highest);
}
