using System.Numerics;
using FleetMonitor.Fleet.Units;
using FleetMonitor.Metering;
using FleetMonitor.Telemetry;

namespace FleetMonitor.Simulation.Model;

/// <summary>
/// What the books of one device must be, computed from the whole history at once, in exact fractions, with no thought for speed. It is the
/// reading of the Semantics that the real metering is held against; of FleetMonitor.Metering it uses the words (what an event and a quality
/// are called) and no arithmetic.
/// </summary>
public sealed class NaiveMeter
{
    private readonly ModelInput _input;
    private readonly LocalDays _calendar;
    private readonly Dictionary<DateOnly, ModelEnergy> _days = [];
    private readonly List<ModelGap> _gaps = [];
    private readonly List<MeterEvent> _events = [];

    private NaiveMeter(ModelInput input)
    {
        _input = input;
        _calendar = new LocalDays(input.Zone);
    }

    public static ModelBooks BooksOf(ModelInput input)
    {
        NaiveMeter meter = new(input);
        List<Reading> readings = meter.Merge();
        List<Reading> registers = [.. readings.Where(reading => reading.HasRegister)];

        // Power intervals run between consecutive readings that carry power, register intervals between consecutive readings that carry a
        // register. What carries neither starts and ends nothing (S6), and what carries only one does not cut the intervals of the other.
        List<Reading> powers = [.. readings.Where(reading => reading.HasPower)];

        meter.MeterRegisters(registers);
        foreach ((Reading first, Reading second) in Pairs(powers))
        {
            meter.MeterPower(first, second, GovernedByPower(first.At, second.At, registers));
        }

        return new ModelBooks(meter._days, meter._gaps, meter._events);
    }

    /// <summary>S2, S3: one reading for each time, in order of time; of different values the greatest, and one event a time.</summary>
    private List<Reading> Merge()
    {
        List<Reading> merged = [];
        foreach (IGrouping<Instant, Reading> same in _input.Readings.GroupBy(reading => reading.At).OrderBy(group => group.Key))
        {
            List<Power> powers = [.. same.Where(r => r.HasPower).Select(r => r.Power).Distinct()];
            List<Energy> registers = [.. same.Where(r => r.HasRegister).Select(r => r.Register).Distinct()];
            List<HashRate> hashRates = [.. same.Where(r => r.HasHashRate).Select(r => r.HashRate).Distinct()];
            List<Temperature> temperatures = [.. same.Where(r => r.HasTemperature).Select(r => r.Temperature).Distinct()];
            List<DeviceStatus> statuses = [.. same.Where(r => r.HasStatus).Select(r => r.Status).Distinct()];
            if (powers.Count > 1 || registers.Count > 1 || hashRates.Count > 1 || temperatures.Count > 1 || statuses.Count > 1)
            {
                _events.Add(new MeterEvent(same.Key, MeterEventKind.Conflict));
            }

            // Hash rate, temperature and status make no energy: from here on only power and register matter.
            ReadingFields fields = (powers.Count > 0 ? ReadingFields.Power : ReadingFields.None)
                | (registers.Count > 0 ? ReadingFields.Register : ReadingFields.None);
            merged.Add(new Reading(same.Key, fields, powers.DefaultIfEmpty().Max(), registers.DefaultIfEmpty().Max()));
        }

        return merged;
    }

    /// <summary>S5, S7: the difference of each two consecutive registers, over any length of time.</summary>
    private void MeterRegisters(List<Reading> registers)
    {
        if (registers.Count == 0)
        {
            return;
        }

        // The first register reading is a baseline. From then on the baseline is the highest value since the last restart.
        BigInteger highest = registers[0].Register.MicrowattHours;
        foreach ((Reading previous, Reading reading) in Pairs(registers))
        {
            // The time is always that between the two readings, also where the energy is counted from an earlier, higher value: what
            // passed up to a noisy reading has been counted by the reading that was the highest.
            (Instant from, Instant to) = (previous.At, reading.At);
            BigInteger value = reading.Register.MicrowattHours;
            if (value >= highest)
            {
                if (IsPlausible(value - highest, from, to))
                {
                    CountRegister(value - highest, from, to);
                }
                else
                {
                    Note(MeterEventKind.RegisterImplausible, reading, highest);
                    _gaps.Add(new ModelGap(from, to, ModelGapReason.RegisterUnusable));
                }

                highest = value;
            }
            else if (10 * value >= 9 * highest)
            {
                Note(MeterEventKind.RegisterNoise, reading, highest);
            }
            else
            {
                if (_input.Limits.Modulus is { } modulus
                    && highest <= modulus.MicrowattHours
                    && IsPlausible(modulus.MicrowattHours - highest + value, from, to))
                {
                    Note(MeterEventKind.RegisterRollover, reading, highest);
                    CountRegister(modulus.MicrowattHours - highest + value, from, to);
                }
                else if (IsPlausible(value, from, to))
                {
                    Note(MeterEventKind.RegisterReset, reading, highest);
                    CountRegister(value, from, to);
                }
                else
                {
                    Note(MeterEventKind.RegisterReplaced, reading, highest);
                    _gaps.Add(new ModelGap(from, to, ModelGapReason.RegisterUnusable));
                }

                highest = value;
            }
        }
    }

    /// <summary>S7: at most the greatest power over the time, plus one display step. 3600 mW over 1 ms are 1 µWh.</summary>
    private bool IsPlausible(BigInteger energy, Instant from, Instant to)
    {
        Fraction most = ((Fraction)_input.Limits.MaxPower.Milliwatts * Length(from, to) / 3600) + _input.Limits.DisplayStep.MicrowattHours;
        return energy <= most;
    }

    private void Note(MeterEventKind kind, Reading reading, BigInteger highest) =>
        _events.Add(new MeterEvent(reading.At, kind, new Energy((long)highest), reading.Register));

    private void CountRegister(BigInteger energy, Instant from, Instant to) =>
        Post(from, to, [(from, to)], EnergyQuality.Register, elapsed => (Fraction)energy * elapsed / Length(from, to));

    /// <summary>
    /// S5: power counts up to the first register reading, and from the last one on; without any, everywhere. Where such a register reading falls
    /// inside a power interval, it clips it: one that is both the first and the last leaves two parts that touch.
    /// </summary>
    private static List<(Instant From, Instant To)> GovernedByPower(Instant from, Instant to, List<Reading> registers)
    {
        if (registers.Count == 0)
        {
            return [(from, to)];
        }

        List<(Instant From, Instant To)> parts = [];
        Instant first = registers[0].At;
        Instant last = registers[^1].At;
        if (from < first)
        {
            parts.Add((from, to < first ? to : first));
        }

        if (to > last)
        {
            parts.Add((from > last ? from : last, to));
        }

        return parts;
    }

    /// <summary>S6. The length that is judged is that of the whole interval between the samples, whatever part of it power governs.</summary>
    private void MeterPower(Reading first, Reading second, List<(Instant From, Instant To)> governed)
    {
        (Instant from, Instant to) = (first.At, second.At);
        long length = Length(from, to);
        BigInteger before = first.Power.Milliwatts;
        BigInteger after = second.Power.Milliwatts;

        // Milliwatts times milliseconds, by 3600, are microwatt-hours. The line from one power to the other, at some time since the first
        // sample, has risen by (after - before) × elapsed ÷ length; the area under it is that of a rectangle and a triangle.
        Fraction Trapezoid(long elapsed) =>
            (((Fraction)before * elapsed) + ((Fraction)(after - before) * elapsed * elapsed / length / 2)) / 3600;
        Fraction Rectangle(long elapsed) => (Fraction)before * elapsed / 3600;

        ModelOptions options = _input.Options;
        if (length <= (long)options.MaxGap.TotalMilliseconds)
        {
            Post(from, to, governed, EnergyQuality.Integrated, Trapezoid);
        }
        else if (options.GapPolicy == ModelGapPolicy.Interpolate && length <= (long)options.MaxEstimate.TotalMilliseconds)
        {
            Post(from, to, governed, EnergyQuality.Estimated, Trapezoid);
        }
        else if (options.GapPolicy == ModelGapPolicy.Hold && length <= (long)options.MaxEstimate.TotalMilliseconds)
        {
            Post(from, to, governed, EnergyQuality.Estimated, Rectangle);
        }
        else
        {
            // Where a register covers the time there is no gap: only the parts that power governs are listed.
            _gaps.AddRange(governed.Select(part => new ModelGap(part.From, part.To, ModelGapReason.NoPower)));
        }
    }

    /// <summary>
    /// S9: cuts an interval at each local midnight and where its governed parts end. The energy since the start of the whole interval is rounded
    /// at each cut, and a piece is the difference of two such, so that the pieces sum to the rounded whole. Pieces outside the governed parts
    /// are dropped.
    /// </summary>
    private void Post(
        Instant from, Instant to, List<(Instant From, Instant To)> governed, EnergyQuality quality, Func<long, Fraction> energySinceStart)
    {
        SortedSet<Instant> cuts = [from, to, .. _calendar.StartsBetween(from, to)];
        foreach ((Instant partFrom, Instant partTo) in governed)
        {
            cuts.Add(partFrom);
            cuts.Add(partTo);
        }

        foreach ((Instant start, Instant end) in Pairs([.. cuts]))
        {
            if (governed.Any(part => part.From <= start && end <= part.To))
            {
                BigInteger piece = energySinceStart(Length(from, end)).HalfEven() - energySinceStart(Length(from, start)).HalfEven();
                DateOnly day = _calendar.DateOf(start);
                _days[day] = _days.GetValueOrDefault(day) + ModelEnergy.Of(quality, piece);
            }
        }
    }

    private static IEnumerable<(T First, T Second)> Pairs<T>(List<T> items) => items.Zip(items.Skip(1));

    private static long Length(Instant from, Instant to) => to.UnixMilliseconds - from.UnixMilliseconds;
}
