using System.Globalization;
using FleetMonitor.Fleet.Units;

namespace FleetMonitor.Service.Simulator;

/// <summary>
/// One simulated rig: its signal, what its faults do to that, and its register. Time is in Unix milliseconds and only goes forward; energy
/// is in mW · ms, so that nothing is ever rounded before it is published.
/// </summary>
internal sealed class SimulatedDevice
{
    private const long MilliwattMillisecondsPerTenthWattHour = 360_000_000;
    private const int FullShare = 1_000_000;
    private const int MiningShare = 500_000;

    private readonly int _index;
    private readonly ulong _seed;
    private readonly PowerSignal _signal;
    private readonly DeviceFaults _faults;
    private readonly LocalDays _days;
    private readonly List<long> _drawnAtDayEnds = [];

    private long _time;
    private long _drawn;
    private long _drawnAtReset;
    private (Fault Fault, SimulatedSample Sample)? _stuck;

    public SimulatedDevice(int index, ulong fleetSeed, long start, LocalDays days, DeviceFaults faults)
    {
        _index = index;
        _seed = Mix.At(fleetSeed, index);
        _faults = faults;
        _days = days;
        _time = start;
        Id = string.Create(CultureInfo.InvariantCulture, $"rig-{index + 1}");
        Model = RigModel.All[(int)(Mix.At(_seed, 10) % (ulong)RigModel.All.Count)];

        // Rigs of a model differ by up to 3 %, and come with a register of up to 30 MWh that is no round number.
        long perMille = 970 + (long)(Mix.At(_seed, 11) % 61);
        _signal = new PowerSignal(Mix.At(_seed, 12), Model.Watts * perMille);
        _drawn = (long)(Mix.At(_seed, 13) % (300_000UL * MilliwattMillisecondsPerTenthWattHour));
    }

    public string Id { get; }

    public RigModel Model { get; }

    /// <summary>All that had been drawn at the end of each local day that has passed, by the number of the day.</summary>
    public IReadOnlyList<long> DrawnAtDayEnds => _drawnAtDayEnds;

    /// <summary>The power drawn within one 100 ms step (number of steps since 1970), faults included, in mW.</summary>
    public long MilliwattsAt(long step)
    {
        (bool off, bool overload) = _faults.DrawAt(step * PowerSignal.StepMilliseconds, out _);
        return off ? 0 : _signal.MilliwattsAt(step) + (overload ? ExtraMilliwatts : 0);
    }

    /// <summary>Samples the device; false where it publishes nothing at that time.</summary>
    public bool TrySample(long time, out SimulatedSample sample)
    {
        AdvanceTo(time);
        sample = default;
        if (!_faults.Any)
        {
            sample = Measure(time);
            return true;
        }

        if (_faults.At(time, FaultKind.Offline) is not null
            || _faults.At(time, FaultKind.SiteOutage) is not null
            || _faults.At(time, FaultKind.NoData) is not null)
        {
            return false;
        }

        sample = Publish(WithFaults(Measure(time), time), time);
        return true;
    }

    private long ExtraMilliwatts => _signal.BaseMilliwatts * 3 / 10;

    private void AdvanceTo(long time)
    {
        while (true)
        {
            long dayEnd = _days.EndOf(_drawnAtDayEnds.Count);
            long reset = _faults.NextReset(_time);
            long next = Math.Min(time, Math.Min(dayEnd, reset));
            _drawn += Integrate(_time, next);
            _time = next;
            if (next == reset)
            {
                _drawnAtReset = _drawn;
            }

            if (next == dayEnd)
            {
                _drawnAtDayEnds.Add(_drawn);
            }
            else if (next == time)
            {
                return;
            }
        }
    }

    private long Integrate(long from, long to)
    {
        if (!_faults.ChangesDraw)
        {
            return _signal.Integrate(from, to);
        }

        long sum = 0;
        while (from < to)
        {
            (bool off, bool overload) = _faults.DrawAt(from, out long until);
            long end = Math.Min(until, to);
            sum += off ? 0 : _signal.Integrate(from, end) + (overload ? ExtraMilliwatts * (end - from) : 0);
            from = end;
        }

        return sum;
    }

    private SimulatedSample Measure(long time)
    {
        long second = time / 1000;
        int share = _signal.ShareAt(second);
        bool mining = share >= MiningShare;
        long nominal = Model.TerahashesPerSecond * 1_000_000L;
        long megahashes = mining ? nominal * _signal.TuningAt(second) / FullShare * share / FullShare : 0;

        // 34 to 40 °C of the room, and up to 25 of the rig's own heat.
        long room = 34_000 + (long)(Mix.At(_seed, 14) % 6_001);
        return new SimulatedSample
        {
            Device = _index,
            SampledAt = new Instant(time),
            Timestamp = new Instant(time),
            Power = new Power(ToTenths(Integrate(time - 1000, time) / 1000, 100)),
            Register = new Energy((_drawn - _drawnAtReset) / MilliwattMillisecondsPerTenthWattHour * 100_000),
            HashRate = new HashRate(ToTenths(megahashes, 100_000)),
            Temperature = new Temperature((int)ToTenths(room + (25_000L * share / FullShare), 100)),
            Mining = mining,
            DrawnMilliwattMilliseconds = _drawn,
        };
    }

    private SimulatedSample WithFaults(SimulatedSample sample, long time)
    {
        if (_faults.At(time, FaultKind.ZeroHash) is not null)
        {
            sample = sample with { HashRate = default };
        }
        else if (_faults.At(time, FaultKind.HashDrop) is not null)
        {
            sample = sample with { HashRate = new HashRate(ToTenths(sample.HashRate.MegahashesPerSecond * 6 / 10, 100_000)) };
        }

        if (_faults.At(time, FaultKind.Overheat) is not null)
        {
            sample = sample with { Temperature = new Temperature(sample.Temperature.Millicelsius + 30_000) };
        }

        if (_faults.At(time, FaultKind.NoRegister) is not null)
        {
            sample = sample with { Register = null };
        }

        if (_faults.At(time, FaultKind.Stuck) is not { } stuck)
        {
            return sample;
        }

        if (_stuck?.Fault != stuck)
        {
            _stuck = (stuck, sample);
        }

        return _stuck.Value.Sample with
        {
            SampledAt = sample.SampledAt,
            Timestamp = sample.Timestamp,
            DrawnMilliwattMilliseconds = sample.DrawnMilliwattMilliseconds,
        };
    }

    private SimulatedSample Publish(SimulatedSample sample, long time) => sample with
    {
        Timestamp = sample.SampledAt.Plus(_faults.At(time, FaultKind.ClockOff)?.By ?? TimeSpan.Zero),
        Delay = _faults.At(time, FaultKind.Delay)?.By ?? TimeSpan.Zero,
        SentTwice = _faults.At(time, FaultKind.Duplicate) is not null,
    };

    private static long ToTenths(long value, long unit) => (value + (unit / 2)) / unit * unit;
}
