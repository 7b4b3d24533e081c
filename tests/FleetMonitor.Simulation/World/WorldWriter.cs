using System.Globalization;
using FleetMonitor.Fleet;
using FleetMonitor.Fleet.Units;
using FleetMonitor.Metering;

namespace FleetMonitor.Simulation.World;

/// <summary>Writes worlds that look for trouble. Each is made from a seed alone.</summary>
internal sealed class WorldWriter
{
    private const int MaxMessages = 1_000;

    /// <summary>Local midnights, some of them on days of 23 or 25 hours: worlds start some hours before.</summary>
    private static readonly string[] Midnights =
        ["2026-11-20T19:00Z", "2024-02-29T19:00Z", "2026-12-31T19:00Z", "2026-03-28T23:00Z", "2026-10-24T22:00Z", "2026-07-01T00:00Z"];

    private readonly Random _random;
    private readonly int _seed;
    private readonly List<Act> _acts = [];
    private readonly List<(Instant At, int Broker, Message Message)> _onTheWay = [];
    private readonly List<SimulatedRig> _rigs = [];
    private readonly List<BrokerTraits> _brokers = [];
    private readonly FleetWriter _fleets;
    private readonly Dictionary<DeviceKey, Energy?> _moduli;
    private readonly MeteringOptions _metering;
    private readonly StoreTraits _store;
    private readonly bool _timeless;
    private readonly bool _letsGo;
    private readonly bool _selfRegistered;
    private readonly double _trouble;
    private readonly (double Drop, double LoseSession, double Fault, double Restart, double TakeFleet, double Jump, double Store) _rates;
    private FleetSnapshot _fleet;
    private Instant _now;
    private int _number;
    private int _fleetNumber;

    private WorldWriter(int seed)
    {
        _seed = seed;
        _random = new Random(seed);
        _trouble = OneOf(0.0, 0.5, 1, 1, 2);
        _now = Instant.From(DateTimeOffset.Parse(OneOf(Midnights), CultureInfo.InvariantCulture))
            .Minus(TimeSpan.FromMilliseconds(_random.NextInt64(6 * 3_600_000)));
        _rates = (Rate(0.04), Rate(0.01), Rate(0.08), Rate(0.03), Rate(0.03), Rate(0.005), Rate(0.05));
        _timeless = Chance(0.3);
        _letsGo = Chance(0.15);
        _selfRegistered = Chance(0.15);
        _metering = Metering();
        for (int i = OneOf(1, 1, 2, 3); i > 0; i--)
        {
            _brokers.Add(new BrokerTraits(OneOf(5, 20, 100), OneOf<ushort>(1, 1, 65_500), Chance(0.5)));
        }

        _store = new StoreTraits(
            OneOf(Enum.GetValues<StoreKind>()), OneOf(0, 0, 2, 7, 30), Chance(0.1) ? _random.Next(500, 5_000) : long.MaxValue);
        int rigs = OneOf(1, 1, 2, 3, 5, 7);
        DeviceKey[] keys = [.. Enumerable.Range(0, rigs).Select(i => new DeviceKey(i % 3 == 2 ? "north" : "south", $"rig-{i}"))];
        _moduli = keys.Where(_ => Chance(0.3)).ToDictionary(key => key, _ => (Energy?)new Energy(OneOf(10, 1_000, 100_000) * 1_000_000_000L));
        _fleets = new FleetWriter(_random, keys, _moduli, DateOnly.FromDateTime(_now.ToDateTimeOffset().UtcDateTime));
        _fleet = _selfRegistered ? FleetSnapshot.Empty : _fleets.Write();
        foreach (DeviceKey key in keys)
        {
            _rigs.Add(Rig(key));
        }
    }

    public static WorldPlan Write(int seed) => new WorldWriter(seed).Write();

    private WorldPlan Write()
    {
        (Instant start, FleetSnapshot fleet, ServiceSettings settings) = (_now, _fleet, Settings());
        int steps = _random.Next(20, 160);
        for (int step = 0; step < steps && _number < MaxMessages; step++)
        {
            TimeSpan length = TimeSpan.FromMilliseconds(_random.Next(6) switch
            {
                0 => _random.Next(1, 5_000),
                1 => _random.Next(1, 300_000),
                _ => _random.Next(5_000, 90_000),
            });
            _now = _now.Plus(length);
            _acts.Add(new Wait(length));
            Measure();
            Arrive();
            Disturb();
            Work();
        }

        return new WorldPlan(_seed, start, _brokers, _store, fleet, settings, _acts);
    }

    /// <summary>Devices take samples, and send them at once, late, or not at all.</summary>
    private void Measure()
    {
        foreach (SimulatedRig rig in _rigs)
        {
            while (rig.NextSample <= _now)
            {
                Instant sampled = rig.NextSample;
                bool cutOff = sampled < rig.CutOffUntil;
                foreach (Message message in rig.Sample(sampled))
                {
                    if (!cutOff)
                    {
                        Send(rig, message, sampled);
                    }
                    else if (rig.Traits.HasTime)
                    {
                        rig.Kept.Add(message);
                    }
                }
            }

            if (rig.CutOffUntil <= _now && rig.Kept.Count > 0)
            {
                Message[] kept = [.. rig.Kept];
                if (Chance(0.3))
                {
                    _random.Shuffle(kept);
                }

                foreach (Message message in kept)
                {
                    Send(rig, message, _now);
                }

                rig.Kept.Clear();
            }

            if (rig.CutOffUntil <= _now && Chance(0.02))
            {
                rig.CutOffUntil = _now.Plus(TimeSpan.FromSeconds(OneOf(30, 400, 400, 3_000, 9_000)));
            }

            if (Chance(0.01))
            {
                _acts.Add(new Publish(rig.Traits.Broker, Chance(0.5) ? rig.Bad(_now) : rig.Presence(Chance(0.5))));
            }
        }
    }

    private void Send(SimulatedRig rig, Message message, Instant now) =>
        _onTheWay.Add((now.Plus(TimeSpan.FromMilliseconds(_random.Next(rig.Traits.LateUpTo + 1))), rig.Traits.Broker, message));

    private void Arrive()
    {
        foreach ((_, int broker, Message message) in _onTheWay.Where(sent => sent.At <= _now).OrderBy(sent => sent.At))
        {
            _acts.Add(new Publish(broker, message));
        }

        _onTheWay.RemoveAll(sent => sent.At <= _now);
    }

    private void Disturb()
    {
        if (Trouble(_rates.Drop))
        {
            _acts.Add(new Drop(Broker()));
        }

        if (Trouble(_rates.LoseSession))
        {
            _acts.Add(new LoseSession(Broker()));
        }

        if (Trouble(_rates.Fault))
        {
            _acts.Add(new Fault(OneOf(Enum.GetValues<FaultKind>()), _random.Next(1, 4)));
        }

        if (Trouble(_rates.Restart))
        {
            _acts.Add(new Restart(Kill: Chance(0.6), Settings()));
        }

        if (Trouble(_rates.Jump))
        {
            _acts.Add(new Jump(TimeSpan.FromSeconds(OneOf(-7_200, -60, -1, 60, 7_200))));
        }

        if (Trouble(_rates.Store))
        {
            _acts.Add(new StoreTurns(Chance(0.4) ? StoreMood.Well : OneOf(Enum.GetValues<StoreMood>())));
        }

        if (Trouble(_rates.TakeFleet) && !_selfRegistered)
        {
            _fleet = _letsGo || Chance(0.3) ? _fleets.WriteSameRules(_fleet) : _fleets.Write();
            _acts.Add(new TakeFleet(++_fleetNumber, _fleet));
        }

        if (_letsGo && Chance(0.03))
        {
            _acts.Add(new LetGo(TimeSpan.FromSeconds(OneOf(0, 60, 1_800, 7_200))));
        }
    }

    private void Work()
    {
        for (int deliveries = _random.Next(0, 4); deliveries > 0; deliveries--)
        {
            _acts.Add(new Deliver(
                Broker(), OneOf(1, 5, 50, 1_000), Chance(0.3) ? _random.Next(1, 1_000) : 0, Trouble(_rates.Drop) ? _random.Next(1, 4) : 0));
            if (Trouble(_rates.Drop))
            {
                _acts.Add(new Drop(Broker()));
            }
        }

        if (Chance(0.15))
        {
            _acts.Add(new Tick());
        }

        if (Chance(0.7))
        {
            _acts.Add(new Decide());
        }

        if (Chance(0.3))
        {
            _acts.Add(new Send());
        }

        if (Chance(0.1))
        {
            _acts.Add(new Remake());
        }

        if (Chance(0.01))
        {
            _acts.Add(new Check());
        }
    }

    private ServiceSettings Settings() => new(
        _random.Next(1, 5),
        OneOf(8, 8, 16, 64),
        TimeSpan.FromSeconds(OneOf(0, 30, 600, 86_400)),
        _letsGo || Chance(0.7) ? _metering : Metering());

    private MeteringOptions Metering() => new()
    {
        GapPolicy = OneOf(Enum.GetValues<GapPolicy>()),
        MaxGap = TimeSpan.FromSeconds(OneOf(300, 300, 60)),
        MaxEstimate = TimeSpan.FromSeconds(OneOf(7_200, 900)),
        ReorderWindow = TimeSpan.FromSeconds(OneOf(60, 60, 0, 300)),
    };

    private SimulatedRig Rig(DeviceKey key)
    {
        int broker = Broker();
        bool numbered = _brokers[broker].LowestFreeId;
        var rig = new SimulatedRig(
            new RigTraits(
                key,
                broker,
                _timeless && Chance(0.5) ? Reporting.Power : OneOf(Enum.GetValues<Reporting>()),
                HasTime: Chance(_timeless ? 0.2 : 0.8),
                TimeSpan.FromSeconds(OneOf(5, 10, 30, 60, 290)),
                Retain: Chance(0.2),
                Constant: Chance(_timeless ? 0.7 : 0.2),
                numbered,
                LateUpTo: OneOf(0, 0, 2_000, 90_000, 400_000),
                _moduli.GetValueOrDefault(key),
                ClockAhead: TimeSpan.FromSeconds(OneOf(0, 0, 0, 0, -3_600, -30, 200, 400))),
            _random,
            () => ++_number)
        {
            NextSample = _now.Plus(TimeSpan.FromMilliseconds(_random.Next(60_000))),
        };
        return rig;
    }

    private int Broker() => _random.Next(_brokers.Count);

    private bool Chance(double share) => _random.NextDouble() < share;

    private bool Trouble(double share) => Chance(share * _trouble);

    /// <summary>Each world has some kinds of trouble often, others now and then or never: together they would hide each other.</summary>
    private double Rate(double usual) => OneOf(0, usual, usual, 6 * usual);

    private T OneOf<T>(params T[] choices) => choices[_random.Next(choices.Length)];
}
