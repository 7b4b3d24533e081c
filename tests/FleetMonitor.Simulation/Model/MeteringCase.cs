using System.Globalization;
using FleetMonitor.Fleet.Units;
using FleetMonitor.Metering;
using FleetMonitor.Telemetry;

namespace FleetMonitor.Simulation.Model;

/// <summary>What came in, and what the books then say. Anything that meters can be run over it.</summary>
public sealed record MeteringCase(string Name, ModelInput Input, ModelBooks Expected);

/// <summary>
/// The words the tables of cases are written in. Unless a case says otherwise the zone is UTC, the day 2026-07-01, the options are the
/// defaults, and the device draws at most 7200 mW with a register that shows every microwatt-hour. So the numbers can be followed in the
/// head: 3600 mW make 1 µWh a millisecond, and a rise of 2 µWh a millisecond is just plausible.
/// </summary>
internal static class CaseWords
{
    public static readonly ModelLimits TwoAMillisecond = new(new Power(7_200));

    public static readonly ModelOptions Interpolate = new() { GapPolicy = ModelGapPolicy.Interpolate };

    public static readonly ModelOptions Hold = new() { GapPolicy = ModelGapPolicy.Hold };

    public static MeteringCase Case(
        string name,
        Reading[] readings,
        (string Day, ModelEnergy Energy)[]? days = null,
        ModelGap[]? gaps = null,
        MeterEvent[]? events = null,
        string zone = "UTC",
        ModelLimits? limits = null,
        ModelOptions? options = null) => new(
            name,
            new ModelInput(
                TimeZoneInfo.FindSystemTimeZoneById(zone), limits ?? TwoAMillisecond, options ?? ModelOptions.Default, readings),
            new ModelBooks(
                (days ?? []).Select(day => KeyValuePair.Create(DateOnly.Parse(day.Day, CultureInfo.InvariantCulture), day.Energy)),
                gaps ?? [],
                events ?? []));

    /// <summary><c>10:00:00.000</c> on the usual day, or <c>2026-07-01 10:00</c>; in UTC.</summary>
    public static Instant At(string time) => Instant.From(DateTimeOffset.Parse(
        time.Contains('-', StringComparison.Ordinal) ? time : "2026-07-01 " + time,
        CultureInfo.InvariantCulture,
        DateTimeStyles.AssumeUniversal));

    public static Reading Power(string time, long milliwatts) =>
        new(At(time), ReadingFields.Power, new Power(milliwatts));

    public static Reading Register(string time, long microwattHours) =>
        new(At(time), ReadingFields.Register, Register: new Energy(microwattHours));

    public static Reading Both(string time, long milliwatts, long microwattHours) =>
        new(At(time), ReadingFields.Power | ReadingFields.Register, new Power(milliwatts), new Energy(microwattHours));

    public static Reading Hash(string time, long megahashes) =>
        new(At(time), ReadingFields.HashRate, HashRate: new HashRate(megahashes));

    public static (string Day, ModelEnergy Energy) Day(string day, long register = 0, long integrated = 0, long estimated = 0) =>
        (day, new ModelEnergy(register, integrated, estimated));

    public static (string Day, ModelEnergy Energy)[] OnTheDay(long register = 0, long integrated = 0, long estimated = 0) =>
        [Day("2026-07-01", register, integrated, estimated)];

    public static ModelGap Gap(string from, string to, ModelGapReason reason = ModelGapReason.NoPower) => new(At(from), At(to), reason);

    public static MeterEvent Conflict(string time) => new(At(time), MeterEventKind.Conflict);

    public static MeterEvent Event(string time, MeterEventKind kind, long before, long after) =>
        new(At(time), kind, new Energy(before), new Energy(after));
}
