using FleetMonitor.Fleet;
using FleetMonitor.Fleet.Units;
using FleetMonitor.Ledger;
using FleetMonitor.Metering;
using FleetMonitor.Simulation.Engine;
using FleetMonitor.Simulation.Model;
using FleetMonitor.Telemetry;

namespace FleetMonitor.Simulation.World;

/// <summary>
/// What the world knows to be durable, message by message: each publish counts once, however often it was delivered, and what was only delivered
/// as retained does not count. What the books must be follows from it by the naive model.
/// </summary>
internal sealed class Truth(TimeSpan maxFuture)
{
    private readonly HashSet<int> _durable = [];
    private readonly HashSet<int> _numbers = [];
    private readonly HashSet<(string Topic, string Payload, Instant ReceivedAt)> _refused = [];
    private readonly Dictionary<DeviceKey, List<Reading>> _readings = [];
    private readonly List<Reception> _counted = [];

    public IReadOnlyCollection<(string Topic, string Payload, Instant ReceivedAt)> Refused => _refused;

    /// <summary>The receptions that counted, in order: a capture of the whole.</summary>
    public IReadOnlyList<Reception> Counted => _counted;

    /// <summary>What counts, by device.</summary>
    public IReadOnlyDictionary<DeviceKey, List<Reading>> Readings => _readings;

    public int LetGoReadings { get; private set; }

    /// <summary>Older readings may have been let go.</summary>
    public Instant LetGoBefore { get; private set; } = new(long.MinValue);

    public bool IsDurable(Message message) => _durable.Contains(message.Number);

    public void LetGo(Instant before) => LetGoBefore = before > LetGoBefore ? before : LetGoBefore;

    /// <param name="receptions">What the commit holds, in the order of receipt.</param>
    /// <param name="keyOf">Whose number a device has.</param>
    public void Take(IReadOnlyList<Reception> receptions, LedgerCommit commit, Func<int, DeviceKey> keyOf, Action<string> onViolation)
    {
        HashSet<(DeviceKey, Reading)> listed = [.. commit.LateReadings.Select(late => (keyOf(late.DeviceId), late.Reading))];
        foreach (Reception reception in receptions.Where(reception => !reception.AsRetained))
        {
            Message message = reception.Message;
            _durable.Add(message.Number);
            if (message.Refused || (message.HasTime && message.Reading!.Value.At > reception.ReceivedAt.Plus(maxFuture)))
            {
                // A clock that was ahead may be right by the time the broker delivers again: then the message counts after all.
                _refused.Add((message.Topic, message.Payload, reception.ReceivedAt));
            }
            else if (_numbers.Add(message.Number) && message.Reading is { } reading)
            {
                _counted.Add(reception);
                Count(message.Key, message.HasTime ? reading : reading with { At = reception.ReceivedAt }, listed, onViolation);
            }
        }
    }

    /// <summary>What the naive model makes of it by these facts and rules.</summary>
    public FleetModel Model(FleetSnapshot fleet, MeteringOptions metering)
    {
        var devices = new Dictionary<DeviceKey, ModelBooks>();
        var billed = new Dictionary<(string, DateOnly), ModelEnergy>();
        foreach (IGrouping<string, DeviceKey> site in _readings.Keys.GroupBy(key => key.Site))
        {
            NaiveBooks books = NaiveBooks.Of(
                fleet.Sites[site.Key],
                OptionsOf(metering),
                site.Select(key => new ModelDevice(key.Device, _readings[key], new Energy(1_000_000))));
            foreach ((string device, ModelBooks its) in books.Devices)
            {
                devices.Add(new DeviceKey(site.Key, device), its);
            }

            foreach ((DateOnly day, ModelEnergy energy) in books.Billed.Where(day => day.Value != default))
            {
                billed.Add((site.Key, day), energy);
            }
        }

        return new FleetModel(devices, billed);
    }

    /// <summary>The books of one device, had it stopped before an instant.</summary>
    public ModelEnergy Before(DeviceKey key, Instant end, FleetSnapshot fleet, MeteringOptions metering) => NaiveBooks.Of(
        fleet.Sites[key.Site],
        OptionsOf(metering),
        [new ModelDevice(key.Device, [.. _readings[key].Where(reading => reading.At < end)], new Energy(1_000_000))]).Devices[key.Device].Total;

    private void Count(DeviceKey key, Reading reading, HashSet<(DeviceKey, Reading)> listed, Action<string> onViolation)
    {
        List<Reading> known = _readings.TryGetValue(key, out List<Reading>? found) ? found : _readings[key] = [];
        if (!listed.Contains((key, reading)) || known.Contains(reading))
        {
            known.Add(reading);
            return;
        }

        LetGoReadings++;
        if (known.Any(kept => kept.At >= LetGoBefore && kept.At <= reading.At))
        {
            onViolation($"{key} {reading} was left out as too old, although older readings are kept");
        }
    }

    private static ModelOptions OptionsOf(MeteringOptions metering) => new()
    {
        MaxGap = metering.MaxGap,
        MaxEstimate = metering.MaxEstimate,
        MaxDevicePower = metering.MaxDevicePower,
        GapPolicy = metering.GapPolicy switch
        {
            GapPolicy.Open => ModelGapPolicy.Open,
            GapPolicy.Interpolate => ModelGapPolicy.Interpolate,
            GapPolicy.Hold => ModelGapPolicy.Hold,
            _ => throw new ArgumentOutOfRangeException(nameof(metering)),
        },
    };
}
