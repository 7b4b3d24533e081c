using System.Globalization;
using System.Numerics;
using System.Text;
using FleetMonitor.Fleet.Units;
using FleetMonitor.Metering;

namespace FleetMonitor.Simulation.Model;

/// <summary>Energy by quality, in whole microwatt-hours.</summary>
public readonly record struct ModelEnergy(BigInteger Register, BigInteger Integrated, BigInteger Estimated)
{
    public BigInteger Total => Register + Integrated + Estimated;

    public static ModelEnergy Of(EnergyQuality quality, BigInteger energy) => quality switch
    {
        EnergyQuality.Register => new(energy, 0, 0),
        EnergyQuality.Integrated => new(0, energy, 0),
        EnergyQuality.Estimated => new(0, 0, energy),
        _ => throw new ArgumentOutOfRangeException(nameof(quality), quality, null),
    };

    public static ModelEnergy operator +(ModelEnergy left, ModelEnergy right) =>
        new(left.Register + right.Register, left.Integrated + right.Integrated, left.Estimated + right.Estimated);
}

public enum ModelGapReason
{
    /// <summary>No power sample for longer than may be integrated or estimated (S6).</summary>
    NoPower,

    /// <summary>The register changed by what cannot be energy (S7); the event at the gap's end says how.</summary>
    RegisterUnusable,
}

/// <summary>A stretch of time whose energy is not known and counts as none.</summary>
public readonly record struct ModelGap(Instant From, Instant To, ModelGapReason Reason);

/// <summary>
/// The books of one device: days ascending, without days that hold nothing; gaps by time; events by time, then kind. One set of readings has
/// exactly one such form, so books are compared by <see cref="Describe"/>, whose difference shows what went wrong.
/// </summary>
public sealed class ModelBooks
{
    public ModelBooks(
        IEnumerable<KeyValuePair<DateOnly, ModelEnergy>> days, IEnumerable<ModelGap> gaps, IEnumerable<MeterEvent> events)
    {
        Days = [.. days.Where(day => day.Value != default).OrderBy(day => day.Key)];
        Gaps = [.. gaps.OrderBy(gap => gap.From).ThenBy(gap => gap.To).ThenBy(gap => gap.Reason)];
        Events = [.. events.OrderBy(happened => happened.At).ThenBy(happened => happened.Kind)];
    }

    public IReadOnlyList<KeyValuePair<DateOnly, ModelEnergy>> Days { get; }

    public IReadOnlyList<ModelGap> Gaps { get; }

    public IReadOnlyList<MeterEvent> Events { get; }

    public ModelEnergy Total => Days.Aggregate(default(ModelEnergy), (sum, day) => sum + day.Value);

    /// <summary>One line for each day, gap and event.</summary>
    public string Describe()
    {
        StringBuilder text = new();
        foreach ((DateOnly day, ModelEnergy energy) in Days)
        {
            text.AppendLine(
                CultureInfo.InvariantCulture,
                $"{day:yyyy-MM-dd} register {energy.Register} integrated {energy.Integrated} estimated {energy.Estimated}");
        }

        foreach (ModelGap gap in Gaps)
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"gap {gap.From} to {gap.To} {gap.Reason}");
        }

        foreach (MeterEvent happened in Events)
        {
            text.AppendLine(
                CultureInfo.InvariantCulture,
                $"event {happened.At} {happened.Kind} {happened.Before.MicrowattHours} then {happened.After.MicrowattHours}");
        }

        return text.ToString();
    }
}
