using FleetMonitor.Fleet;
using FleetMonitor.Fleet.Units;
using FleetMonitor.Telemetry;

namespace FleetMonitor.Metering;

/// <summary>
/// The rules of metering (S5 to S9) as a fold over one device's readings in time order.
/// <code>
///   power      ──p────p────p─────────p────p──▶   counts before the first register reading and after the last
///   register   ───────R═════════R═════════▶      counts between register readings, over any gap
///              head   │ register │  tail         the tail is provisional: the next register reading replaces it
/// </code>
/// </summary>
public static class Meter
{
    /// <summary>Takes one reading, later than all before it, and tells the sink what it changed.</summary>
    public static void Apply<TSink>(this ref MeterState state, in Reading reading, MeterContext context, ref TSink sink)
        where TSink : IMeterSink
    {
        if (reading.HasPower)
        {
            if (state.HasPower)
            {
                ApplyPower(ref state, reading, context, ref sink);
            }

            state.HasPower = true;
            state.PowerAt = reading.At;
            state.Power = reading.Power;
        }

        if (reading.HasRegister)
        {
            if (state.HasRegister)
            {
                ReplaceTail(ref state, ref sink);
                ApplyRegister(ref state, reading, context, ref sink);
            }
            else
            {
                // The first register reading is a baseline.
                state.HasRegister = true;
                state.FirstRegisterAt = reading.At;
                state.Highest = reading.Register;
            }

            state.RegisterAt = reading.At;
        }
    }

    private static void ApplyPower<TSink>(
        ref MeterState state, in Reading reading, MeterContext context, ref TSink sink)
        where TSink : IMeterSink
    {
        Instant from = state.PowerAt;
        Instant to = reading.At;
        if (!state.HasRegister)
        {
            Book(ref state, from, to, tail: false, reading, context, ref sink);
            return;
        }

        // A register-only reading may stand inside the interval: power counts up to the first one, and from the newest one on.
        if (state.FirstRegisterAt > from)
        {
            Book(ref state, from, state.FirstRegisterAt, tail: false, reading, context, ref sink);
        }

        // Where this very reading brings the register, it would replace the tail at once.
        if (!reading.HasRegister)
        {
            Book(ref state, from > state.RegisterAt ? from : state.RegisterAt, to, tail: true, reading, context, ref sink);
        }
    }

    /// <summary>Books the part from <paramref name="from"/> to <paramref name="to"/> of the interval between the two newest power samples.</summary>
    private static void Book<TSink>(
        ref MeterState state,
        Instant from,
        Instant to,
        bool tail,
        in Reading reading,
        MeterContext context,
        ref TSink sink)
        where TSink : IMeterSink
    {
        MeteringOptions options = context.Options;
        TimeSpan length = reading.At - state.PowerAt;
        bool measured = length <= options.MaxGap;
        if (!measured && (options.GapPolicy == GapPolicy.Open || length > options.MaxEstimate))
        {
            sink.Add(new Gap(from, to, GapReason.NoPower, reading.At));
            state.TailHasGap |= tail;
            return;
        }

        long milliseconds = reading.At.UnixMilliseconds - state.PowerAt.UnixMilliseconds;
        Apportion shape = !measured && options.GapPolicy == GapPolicy.Hold
            ? Apportion.Constant(state.Power, milliseconds)
            : Apportion.Trapezoid(state.Power, reading.Power, milliseconds);
        EnergyQuality quality = measured ? EnergyQuality.Integrated : EnergyQuality.Estimated;

        var pieces = new DayPieces(shape, state.PowerAt, from, to, context.Days);
        while (pieces.Next(out DateOnly day, out Energy energy))
        {
            sink.Add(day, quality, energy);
            if (tail)
            {
                AddToTail(ref state, day, quality, energy);
            }
        }
    }

    private static void ApplyRegister<TSink>(
        ref MeterState state, in Reading reading, MeterContext context, ref TSink sink)
        where TSink : IMeterSink
    {
        MeterLimits limits = context.Limits;
        long milliseconds = reading.At.UnixMilliseconds - state.RegisterAt.UnixMilliseconds;
        Energy before = state.Highest;
        Energy after = reading.Register;
        Energy energy;
        if (after >= before)
        {
            energy = after - before;
            if (!limits.IsPlausible(energy, milliseconds))
            {
                Rebase(ref state, reading, MeterEventKind.RegisterImplausible, ref sink);
                return;
            }

            state.Highest = after;
        }
        else if ((Int128)after.MicrowattHours * 10 >= (Int128)before.MicrowattHours * 9)
        {
            sink.Add(new MeterEvent(reading.At, MeterEventKind.RegisterNoise, before, after));
            return;
        }
        else if (limits.Modulus is { } modulus && before <= modulus
                 && limits.IsPlausible(modulus - before + after, milliseconds))
        {
            energy = modulus - before + after;
            sink.Add(new MeterEvent(reading.At, MeterEventKind.RegisterRollover, before, after));
            state.Highest = after;
        }
        else if (limits.IsPlausible(after, milliseconds))
        {
            energy = after;
            sink.Add(new MeterEvent(reading.At, MeterEventKind.RegisterReset, before, after));
            state.Highest = after;
        }
        else
        {
            Rebase(ref state, reading, MeterEventKind.RegisterReplaced, ref sink);
            return;
        }

        var pieces = new DayPieces(Apportion.Difference(energy, milliseconds), state.RegisterAt, state.RegisterAt, reading.At, context.Days);
        while (pieces.Next(out DateOnly day, out Energy piece))
        {
            sink.Add(day, EnergyQuality.Register, piece);
        }
    }

    /// <summary>The difference says nothing: no energy, a listed gap, and the new value is the baseline.</summary>
    private static void Rebase<TSink>(ref MeterState state, in Reading reading, MeterEventKind kind, ref TSink sink)
        where TSink : IMeterSink
    {
        sink.Add(new MeterEvent(reading.At, kind, state.Highest, reading.Register));
        sink.Add(new Gap(state.RegisterAt, reading.At, GapReason.RegisterUnusable, reading.At));
        state.Highest = reading.Register;
    }

    private static void ReplaceTail<TSink>(ref MeterState state, ref TSink sink)
        where TSink : IMeterSink
    {
        foreach (TailDay day in state.Tail ?? [])
        {
            sink.Add(day.Day, EnergyQuality.Integrated, Energy.Zero - day.Integrated);
            sink.Add(day.Day, EnergyQuality.Estimated, Energy.Zero - day.Estimated);
        }

        if (state.TailHasGap)
        {
            sink.CoverGaps(state.RegisterAt);
        }

        state.Tail = null;
        state.TailHasGap = false;
    }

    private static void AddToTail(ref MeterState state, DateOnly day, EnergyQuality quality, Energy energy)
    {
        TailDay added = quality == EnergyQuality.Integrated
            ? new TailDay(day, energy, Energy.Zero)
            : new TailDay(day, Energy.Zero, energy);
        TailDay[] tail = state.Tail ?? [];
        if (tail.Length > 0 && tail[^1].Day == day)
        {
            tail = [.. tail];
            tail[^1] = new TailDay(day, tail[^1].Integrated + added.Integrated, tail[^1].Estimated + added.Estimated);
        }
        else
        {
            tail = [.. tail, added];
        }

        state.Tail = tail;
    }
}
