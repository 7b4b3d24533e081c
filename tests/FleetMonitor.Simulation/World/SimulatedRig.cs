using System.Globalization;
using FleetMonitor.Fleet;
using FleetMonitor.Fleet.Units;
using FleetMonitor.Telemetry;

namespace FleetMonitor.Simulation.World;

internal enum Reporting
{
    Power,
    Register,
    Both,

    /// <summary>Power and register in two messages of one time.</summary>
    Apart,

    /// <summary>Sometimes the one, sometimes the other.</summary>
    Mixed,
}

/// <param name="Constant">Draws the same power all the time, so that its messages are all alike but for time and register.</param>
/// <param name="Numbered">
/// Its payloads bear a number. A broker that soon gives the same packet id to an equal message without a time, and sends that one again, leaves no
/// way to tell the two apart (S4).
/// </param>
/// <param name="Modulus">Where its register wraps to zero; null where it never does.</param>
/// <param name="ClockAhead">By how much its clock is wrong.</param>
internal sealed record RigTraits(
    DeviceKey Key, int Broker, Reporting Reporting, bool HasTime, TimeSpan Interval, bool Retain, bool Constant, bool Numbered, int LateUpTo,
    Energy? Modulus, TimeSpan ClockAhead);

/// <summary>A device with a true signal, and the messages that it makes of it: mostly honest ones.</summary>
internal sealed class SimulatedRig(RigTraits traits, Random random, Func<int> nextNumber)
{
    private long _registerTenths = traits.Modulus is { } modulus
        ? (modulus.MicrowattHours / 100_000) - random.Next(20_000)
        : random.Next(3) switch { 0 => 0, 1 => random.Next(1_000_000), _ => random.NextInt64(1_000_000_000) };
    private long _powerTenths = random.Next(1_000, 40_000);
    private Instant _lastSample;

    public RigTraits Traits { get; } = traits;

    public Instant NextSample { get; set; }

    /// <summary>Cut off until then: samples are kept where they have a time, and lost where not.</summary>
    public Instant CutOffUntil { get; set; }

    public List<Message> Kept { get; } = [];

    /// <summary>The messages of one sample, usually one.</summary>
    public IReadOnlyList<Message> Sample(Instant now)
    {
        NextSample = now.Plus(Traits.Interval).Plus(TimeSpan.FromMilliseconds(random.Next(3) == 0 ? random.Next(-900, 900) : 0));
        Move(now);
        Reporting reporting = Traits.Reporting == Reporting.Mixed ? (Reporting)random.Next(4) : Traits.Reporting;
        var messages = new List<Message>();
        if (reporting is Reporting.Apart)
        {
            messages.Add(Make(now, power: true, register: false));
            messages.Add(Make(now, power: false, register: true));
        }
        else
        {
            messages.Add(Make(now, reporting is not Reporting.Register, reporting is not Reporting.Power));
        }

        // The same once more, or another value at the same time.
        if (random.Next(30) == 0 && (Traits.HasTime || !Traits.Numbered))
        {
            messages.Add(messages[0] with { Number = nextNumber() });
        }
        else if (random.Next(60) == 0)
        {
            _powerTenths += random.Next(2);
            messages.Add(Make(now, reporting is not Reporting.Register, reporting is not Reporting.Power));
        }

        return messages;
    }

    public Message Presence(bool online) => new(
        nextNumber(), Traits.Key, $"fleet/{Traits.Key.Site}/{Traits.Key.Device}/presence", online ? "online" : "offline", null, false, false, true);

    /// <summary>What belongs in quarantine, or concerns nobody.</summary>
    public Message Bad(Instant now)
    {
        int number = nextNumber();
        (string topic, string payload, bool refused) = random.Next(6) switch
        {
            0 => (Topic, $$"""{"power_w":{{number}}""", true),
            1 => (Topic, $$"""{"power_w":-{{number}}}""", true),
            2 => (Topic, $$"""{"ts":"{{now.Plus(TimeSpan.FromDays(40))}}","power_w":{{number}}}""", true),
            3 => ($"fleet/{Traits.Key.Site}/{Traits.Key.Device}/telemetry", $$"""{"power_w":{{number}}000000000}""", true),
            4 => ($"weather/{number}", "sunny", false),
            _ => (Topic, string.Empty, false),
        };
        return new Message(number, Traits.Key, topic, payload, null, HasTime: false, refused, Retain: false);
    }

    private string Topic => $"fleet/{Traits.Key.Site}/{Traits.Key.Device}/telemetry";

    private void Move(Instant now)
    {
        if (_lastSample != default)
        {
            // A tenth of a watt for a millisecond is a tenth of a watt-hour in 3,600,000.
            _registerTenths += _powerTenths * (now.UnixMilliseconds - _lastSample.UnixMilliseconds) / 3_600_000;
        }

        if (Traits.Modulus is { } modulus && _registerTenths * 100_000 >= modulus.MicrowattHours)
        {
            _registerTenths -= modulus.MicrowattHours / 100_000;
        }

        _lastSample = now;
        if (!Traits.Constant)
        {
            _powerTenths = Math.Clamp(_powerTenths + random.Next(-500, 501), 0, 60_000);
        }

        if (random.Next(80) == 0)
        {
            _registerTenths = random.Next(5) switch
            {
                0 => 0,
                1 => random.Next(50),
                2 => _registerTenths * 95 / 100,
                3 => _registerTenths + random.NextInt64(10_000_000),
                _ => _registerTenths / 2,
            };
        }
    }

    private Message Make(Instant now, bool power, bool register)
    {
        int number = nextNumber();
        Instant at = now.Plus(Traits.ClockAhead);
        var fields = ReadingFields.None;
        var parts = new List<string>();
        if (Traits.HasTime)
        {
            parts.Add(random.Next(2) == 0 ? $"\"ts\":\"{at}\"" : $"\"ts\":{at.UnixMilliseconds}");
        }

        if (power)
        {
            fields |= ReadingFields.Power;
            parts.Add($"\"power_w\":{Tenths(_powerTenths)}");
        }

        if (register)
        {
            fields |= ReadingFields.Register;
            parts.Add($"\"energy_wh\":{Tenths(_registerTenths)}");
        }

        long hashRate = 0;
        if (power && !Traits.Constant && random.Next(3) == 0)
        {
            fields |= ReadingFields.HashRate;
            hashRate = random.Next(100, 104);
            parts.Add($"\"hashrate_ths\":{hashRate}");
        }

        if (Traits.Numbered)
        {
            parts.Add($"\"n\":{number}");
        }

        var reading = new Reading(
            at,
            fields,
            new Power(power ? _powerTenths * 100 : 0),
            new Energy(register ? _registerTenths * 100_000 : 0),
            new HashRate(hashRate * 1_000_000));
        return new Message(number, Traits.Key, Topic, $"{{{string.Join(',', parts)}}}", reading, Traits.HasTime, false, Traits.Retain);
    }

    private static string Tenths(long tenths) => string.Create(CultureInfo.InvariantCulture, $"{tenths / 10}.{tenths % 10}");
}
