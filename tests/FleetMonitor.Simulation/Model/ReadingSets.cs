using System.Globalization;
using System.Numerics;
using FleetMonitor.Fleet.Units;
using FleetMonitor.Telemetry;

namespace FleetMonitor.Simulation.Model;

/// <summary>A generated history of one device.</summary>
/// <param name="Seed">Makes it again: <c>ReadingSets.Create(seed)</c>.</param>
public sealed record ReadingSet(int Seed, ModelInput Input)
{
    public override string ToString() => $"reading set {Seed}: {Input.Readings.Count} readings in {Input.Zone.Id}, {Input.Limits}, {Input.Options}";
}

/// <summary>
/// Histories that look for trouble: times that sit exactly on a limit or a midnight, sums that hit half-even ties, registers that do what
/// registers should not. Each is made from a seed alone.
/// </summary>
public static class ReadingSets
{
    public static ReadingSet Create(int seed) => new(seed, new ReadingSetWriter(new Random(seed)).Write());
}

/// <summary>Which messages a device sends.</summary>
internal enum ReportingShape
{
    PowerOnly,
    RegisterOnly,

    /// <summary>Power and register in one message.</summary>
    Together,

    /// <summary>Power and register in two messages of one time, to be merged.</summary>
    SameTime,

    /// <summary>Power and register in messages of their own, some milliseconds or seconds apart.</summary>
    Apart,

    /// <summary>Any of these, anew for each sample.</summary>
    Mixed,
}

internal sealed class ReadingSetWriter
{
    /// <summary>The greatest register value that is written; a <see cref="long"/> ends little above.</summary>
    private const long GreatestRegister = 9_000_000_000_000_000_000;

    /// <summary>Zones with instants near which days are odd, or just ordinary midnights.</summary>
    private static readonly (string Zone, string[] Near)[] Places =
    [
        ("UTC", ["2026-11-21T00:00Z"]),
        ("Asia/Almaty", ["2024-02-28T18:00Z", "2024-02-29T19:00Z", "2026-12-31T19:00Z"]),
        ("Europe/Berlin", ["2026-03-28T23:00Z", "2026-03-29T22:00Z", "2026-10-24T22:00Z", "2026-10-25T23:00Z"]),
        ("America/Sao_Paulo", ["2018-11-04T03:00Z"]),
        ("Australia/Lord_Howe", ["2026-04-04T13:00Z", "2026-10-03T13:30Z"]),
        ("Asia/Kathmandu", ["2026-06-30T18:15Z"]),
        ("Pacific/Apia", ["2011-12-30T10:00Z"]),
    ];

    private readonly Random _random;
    private readonly LocalDays _calendar;
    private readonly TimeZoneInfo _zone;
    private readonly ModelLimits _limits;
    private readonly ModelOptions _options;
    private readonly ReportingShape _shape;
    private readonly List<Reading> _readings = [];
    private Instant _now;
    private Instant _registerAt;
    private long _highest;

    public ReadingSetWriter(Random random)
    {
        _random = random;
        (string zone, string[] near) = OneOf(Places);
        _zone = TimeZoneInfo.FindSystemTimeZoneById(zone);
        _calendar = new LocalDays(_zone);
        _now = Instant.From(DateTimeOffset.Parse(OneOf(near), CultureInfo.InvariantCulture))
            .Minus(TimeSpan.FromMilliseconds(OneOf(1, 1_000, 300_000, 3_600_000, 30 * 3_600_000L) * _random.NextInt64(0, 4)));
        _registerAt = _now;
        _highest = OneOf(0, _random.NextInt64(20_000), _random.NextInt64(1_000_000_000_000), 1_500_000_000_000_000_000, GreatestRegister - 5_000);
        Energy? modulus = Chance(0.5) ? new Energy(_highest + _random.NextInt64(0, OneOf(2, 5_000, 1_000_000))) : null;
        _limits = new ModelLimits(
            new Power(OneOf(7_200, 7_201, 6_500_000, 5_000_000_000)), modulus, new Energy(OneOf(0, 0, 1, 100_000)));
        _options = OneOf(
            ModelOptions.Default,
            ModelOptions.Default,
            new ModelOptions { MaxGap = TimeSpan.FromSeconds(60), MaxEstimate = TimeSpan.FromSeconds(301) },
            new ModelOptions { MaxGap = TimeSpan.FromSeconds(60), MaxEstimate = TimeSpan.FromSeconds(30) })
            with
            { GapPolicy = OneOf(Enum.GetValues<ModelGapPolicy>()) };
        _shape = OneOf(Enum.GetValues<ReportingShape>());
    }

    public ModelInput Write()
    {
        int samples = _random.Next(0, 30);
        for (int sample = 0; sample < samples; sample++)
        {
            WriteSample(_shape == ReportingShape.Mixed ? OneOf(Enum.GetValues<ReportingShape>()) : _shape);
            if (Chance(0.1))
            {
                WriteHashRateOnly();
            }

            if (Chance(0.1))
            {
                WriteAgain();
            }

            _now = NextTime();
        }

        return new ModelInput(_zone, _limits, _options, _readings);
    }

    private void WriteSample(ReportingShape shape)
    {
        switch (shape)
        {
            case ReportingShape.PowerOnly:
                Add(ReadingFields.Power | MaybeHashRate(), NextPower());
                break;
            case ReportingShape.RegisterOnly:
                Add(ReadingFields.Register, register: NextRegister());
                break;
            case ReportingShape.Together:
                Add(ReadingFields.Power | ReadingFields.Register | MaybeHashRate(), NextPower(), NextRegister());
                break;
            case ReportingShape.SameTime:
                Add(ReadingFields.Register, register: NextRegister());
                Add(ReadingFields.Power, NextPower());
                break;
            default:
                Add(ReadingFields.Power, NextPower());
                _now = new Instant(_now.UnixMilliseconds + OneOf(1, 7, 250, 20_000, 200_000));
                Add(ReadingFields.Register, register: NextRegister());
                break;
        }
    }

    /// <summary>A sample whose power was null: it starts and ends nothing.</summary>
    private void WriteHashRateOnly()
    {
        _now = new Instant(_now.UnixMilliseconds + OneOf(0, 1, 150_000));
        Add(OneOf(ReadingFields.HashRate, ReadingFields.Temperature | ReadingFields.Status, ReadingFields.None));
    }

    /// <summary>An earlier reading once more, as it was (a duplicate) or with another value at the same time (a conflict).</summary>
    private void WriteAgain()
    {
        Reading earlier = _readings[_random.Next(_readings.Count)];
        _readings.Add(_random.Next(5) switch
        {
            0 => earlier with { Fields = earlier.Fields | ReadingFields.Power, Power = NextPower() },
            1 => earlier with { Fields = earlier.Fields | ReadingFields.HashRate, HashRate = new HashRate(_random.Next(3)) },
            2 when earlier.HasRegister => earlier with { Register = new Energy(Math.Max(0, earlier.Register.MicrowattHours + OneOf(-1, 1, 3))) },
            _ => earlier,
        });
    }

    private ReadingFields MaybeHashRate() => Chance(0.3) ? ReadingFields.HashRate | ReadingFields.Temperature : ReadingFields.None;

    private void Add(ReadingFields fields, Power power = default, Energy register = default) => _readings.Add(new Reading(
        _now, fields, power, register, new HashRate((fields & ReadingFields.HashRate) == 0 ? 0 : _random.Next(3))));

    /// <summary>At least one millisecond on.</summary>
    private Instant NextTime()
    {
        long around = _random.NextInt64(-1, 2);
        Instant midnight = _calendar.StartsBetween(_now, _now.Plus(TimeSpan.FromDays(3)))[0];
        long step = _random.Next(12) switch
        {
            0 or 1 => _random.NextInt64(1, 11),
            2 or 3 or 4 => _random.NextInt64(1, 60) * 1_000,
            5 => _random.NextInt64(1, 600_000),
            6 or 7 => (long)_options.MaxGap.TotalMilliseconds + around,
            8 => (long)_options.MaxEstimate.TotalMilliseconds + around,
            9 or 10 => midnight.UnixMilliseconds - _now.UnixMilliseconds + around,
            _ => _random.NextInt64(3 * 3_600_000L, 90 * 3_600_000L),
        };
        return new Instant(_now.UnixMilliseconds + Math.Max(1, step));
    }

    /// <summary>Few values, so that sums meet halves often: 3600 mW for 1 ms are 1 µWh.</summary>
    private Power NextPower() => new(_random.Next(6) switch
    {
        0 => 0,
        1 => OneOf(1, 600, 1_200, 1_800),
        2 => OneOf(3_600, 5_400),
        3 => 3_250_000,
        4 => _random.NextInt64(0, 10_000),
        _ => _random.NextInt64(0, _options.MaxDevicePower.Milliwatts + 1),
    });

    /// <summary>Mostly an honest rise; else something that sits on, just under or just over one of the limits of S7.</summary>
    private Energy NextRegister()
    {
        long elapsed = _now.UnixMilliseconds - _registerAt.UnixMilliseconds;
        BigInteger most = (((BigInteger)_limits.MaxPower.Milliwatts * elapsed) + ((BigInteger)_limits.DisplayStep.MicrowattHours * 3600)) / 3600;
        BigInteger around = _random.Next(-1, 2);
        BigInteger ninety = ((9 * (BigInteger)_highest) + 9) / 10;
        BigInteger value = _random.Next(16) switch
        {
            0 or 1 => _highest,
            2 => ninety,
            3 => ninety - 1,
            4 => _highest - _random.Next(0, 3),
            5 => _highest + most + around,
            6 => _highest + (3 * most) + 1,
            7 => most + around,
            8 => _random.NextInt64(0, 50),
            9 => _random.NextInt64(0, Math.Max(1, (long)ninety)),
            10 or 11 when _limits.Modulus is { } modulus => most + around - (modulus.MicrowattHours - _highest),
            12 when _limits.Modulus is { } modulus => modulus.MicrowattHours,
            _ => _highest + (most * _random.Next(0, 101) / 100),
        };
        value = BigInteger.Clamp(value, 0, GreatestRegister);

        // Where the baseline now is, near enough to aim at: later conflicts may move it.
        if (value >= _highest || value < ninety)
        {
            _highest = (long)value;
        }

        _registerAt = _now;
        return new Energy((long)value);
    }

    private bool Chance(double share) => _random.NextDouble() < share;

    private T OneOf<T>(params T[] choices) => choices[_random.Next(choices.Length)];
}
