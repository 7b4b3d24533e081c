using System.Globalization;
using FleetMonitor.Fleet.Units;

namespace FleetMonitor.Service.Simulator;

/// <summary>One row of the truth: what a device really drew on a local day, and the registers it published there.</summary>
/// <param name="Energy">Floored to the microwatt-hour cumulatively, so that the days of a device sum to the whole.</param>
/// <param name="FirstRegister">Null where no reading of that day had a register.</param>
public sealed record TruthRow(string Site, string Device, DateOnly Date, Energy Energy, Energy? FirstRegister, Energy? LastRegister);

/// <summary>
/// What the books should say. It spans, for each device, the time from its first published reading to its last published one, since that is
/// all that anybody who was told those readings can know: energy drawn before, after, or by a device that published fewer than two, is left
/// out. Energy drawn while the device was silent in between belongs to it. A reading is published once the broker has acknowledged it;
/// one with a clock that is off does not count here. Days are split at local midnight, by the signal itself.
/// </summary>
public sealed class Truth(SimulatedFleet fleet)
{
    public const string Header = "site,device,date,energy_wh,first_register_wh,last_register_wh";

    private const long MilliwattMillisecondsPerMicrowattHour = 3_600;

    private readonly DeviceTruth?[] _devices = new DeviceTruth?[fleet.Count];

    /// <summary>Notes a reading that the broker has acknowledged, in any order, once or more. One thread at a time for each device.</summary>
    public void Published(in SimulatedSample sample)
    {
        if (sample.Timestamp == sample.SampledAt)
        {
            (_devices[sample.Device] ??= new DeviceTruth()).Add(sample, fleet.Days.IndexOf(sample.SampledAt.UnixMilliseconds));
        }
    }

    /// <summary>The rows by device and day, once all publishing has ended.</summary>
    public IEnumerable<TruthRow> Rows()
    {
        for (int device = 0; device < _devices.Length; device++)
        {
            if (_devices[device] is not { } truth)
            {
                continue;
            }

            int firstDay = fleet.Days.IndexOf(truth.First.SampledAt.UnixMilliseconds);
            int lastDay = fleet.Days.IndexOf(truth.Last.SampledAt.UnixMilliseconds);
            long from = truth.First.DrawnMilliwattMilliseconds / MilliwattMillisecondsPerMicrowattHour;
            for (int day = firstDay; day <= lastDay; day++)
            {
                long drawn = day == lastDay ? truth.Last.DrawnMilliwattMilliseconds : fleet.DrawnAtDayEnd(device, day);
                long to = drawn / MilliwattMillisecondsPerMicrowattHour;
                (SimulatedSample? first, SimulatedSample? last) = truth.RegistersOn(day);
                yield return new TruthRow(
                    fleet.Site, fleet.DeviceId(device), fleet.Days.DateOf(day), new Energy(to - from), first?.Register, last?.Register);
                from = to;
            }
        }
    }

    public void Write(TextWriter writer)
    {
        writer.Write(Header + "\n");
        foreach (TruthRow row in Rows())
        {
            writer.Write(string.Create(
                CultureInfo.InvariantCulture,
                $"{Quoted(row.Site)},{row.Device},{row.Date:yyyy-MM-dd},{row.Energy.WattHours:0.000000},{Register(row.FirstRegister)},{Register(row.LastRegister)}\n"));
        }
    }

    private static string Register(Energy? register) =>
        register is { } value ? value.WattHours.ToString("0.0", CultureInfo.InvariantCulture) : "";

    // RFC 4180: the id of a site may hold what means something in CSV.
    private static string Quoted(string field) => field.AsSpan().ContainsAny(',', '"') ? $"\"{field.Replace("\"", "\"\"")}\"" : field;

    private sealed class DeviceTruth
    {
        private readonly SortedList<int, (SimulatedSample First, SimulatedSample Last)> _registers = [];

        public SimulatedSample First { get; private set; }

        public SimulatedSample Last { get; private set; }

        public void Add(in SimulatedSample sample, int day)
        {
            if (First == default || sample.SampledAt < First.SampledAt)
            {
                First = sample;
            }

            if (Last == default || sample.SampledAt > Last.SampledAt)
            {
                Last = sample;
            }

            if (sample.Register is null)
            {
                return;
            }

            if (!_registers.TryGetValue(day, out (SimulatedSample First, SimulatedSample Last) known))
            {
                _registers.Add(day, (sample, sample));
                return;
            }

            SimulatedSample first = sample.SampledAt < known.First.SampledAt ? sample : known.First;
            SimulatedSample last = sample.SampledAt > known.Last.SampledAt ? sample : known.Last;
            _registers[day] = (first, last);
        }

        public (SimulatedSample? First, SimulatedSample? Last) RegistersOn(int day) =>
            _registers.TryGetValue(day, out (SimulatedSample First, SimulatedSample Last) known) ? (known.First, known.Last) : (null, null);
    }
}
