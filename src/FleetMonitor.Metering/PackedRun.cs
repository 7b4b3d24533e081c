using FleetMonitor.Fleet.Units;

namespace FleetMonitor.Metering;

/// <summary>
/// A <see cref="MeterRun"/> put away in shared pages, nearly always in one: fifty bytes instead of a hundred and forty-four, as times and powers
/// of one run are near each other. What no flag of the run makes mean something is not kept.
/// A mutable struct: it is a field of its meter, and of nothing else.
/// </summary>
internal struct PackedRun
{
    /// <summary>A byte, and fifteen numbers of a run and one of the tail's length, at most ten bytes each.</summary>
    private const int LongestWithoutTail = 1 + (10 * 17);
    private const int LongestTailDay = 10 * 3;

    private int _page;

    /// <summary>Puts a run away in place of the one before.</summary>
    public void Put(in MeterRun run, ReadingPages pages)
    {
        int longest = LongestWithoutTail + (LongestTailDay * (run.Meter.Tail?.Length ?? 0));
        Span<byte> bytes = longest <= 512 ? stackalloc byte[512] : new byte[longest];
        pages.Write(ref _page, bytes[..Write(run, bytes)]);
    }

    public readonly MeterRun Take(ReadingPages pages) => _page == ReadingPages.None ? default : Read(pages.Read(_page));

    /// <summary>Asks the processor for its page.</summary>
    public readonly void Prefetch(ReadingPages pages) => pages.Prefetch(_page);

    public void Release(ReadingPages pages) => pages.Write(ref _page, []);

    private static int Write(in MeterRun run, Span<byte> into)
    {
        ref readonly MeterState meter = ref run.Meter;
        ref readonly DeviceWindow window = ref run.Window;
        MeterRunParts has = run.Parts;
        if (has == 0)
        {
            return 0;
        }

        var bytes = new NumberWriter(into);
        bytes.Byte((byte)has);
        long at = 0;
        long power = 0;
        if (meter.HasPower)
        {
            (at, power) = (meter.PowerAt.UnixMilliseconds, meter.Power.Milliwatts);
            bytes.Signed(at);
            bytes.Signed(power);
        }

        unchecked
        {
            if (meter.HasRegister)
            {
                bytes.Signed(meter.RegisterAt.UnixMilliseconds - at);
                at = meter.RegisterAt.UnixMilliseconds;
                bytes.Signed(meter.FirstRegisterAt.UnixMilliseconds - at);
                bytes.Signed(meter.Highest.MicrowattHours);
            }

            if ((has & MeterRunParts.Tail) != 0)
            {
                WriteTail(meter.Tail!, ref bytes);
            }

            if (window.Readings > 0)
            {
                bytes.Signed(window.Start.UnixMilliseconds - at);
                bytes.Signed(window.Readings);
                bytes.Signed((long)window.Readings - window.PowerReadings);
                bytes.Signed((long)window.Readings - window.HashRateReadings);
                bytes.Signed(window.PowerSum - (power * window.PowerReadings));
                bytes.Signed(window.PowerMin.Milliwatts - power);
                bytes.Signed(window.PowerMax.Milliwatts - power);
                bytes.Signed(window.HashRateSum);
                bytes.Signed(window.TemperatureMax.Millicelsius);
                bytes.Signed(window.Energy);
                bytes.Signed(window.Estimated);
            }
        }

        return bytes.Length;
    }

    private static MeterRun Read(ReadOnlySpan<byte> from)
    {
        var run = default(MeterRun);
        var bytes = new NumberReader(from);
        var has = (MeterRunParts)bytes.Byte();
        ref MeterState meter = ref run.Meter;
        ref DeviceWindow window = ref run.Window;
        (meter.HasPower, meter.HasRegister, meter.TailHasGap) = ((has & MeterRunParts.Power) != 0, (has & MeterRunParts.Register) != 0, (has & MeterRunParts.TailGap) != 0);
        long at = 0;
        long power = 0;
        if (meter.HasPower)
        {
            (at, power) = (bytes.Signed(), bytes.Signed());
            (meter.PowerAt, meter.Power) = (new Instant(at), new Power(power));
        }

        unchecked
        {
            if (meter.HasRegister)
            {
                at += bytes.Signed();
                meter.RegisterAt = new Instant(at);
                meter.FirstRegisterAt = new Instant(at + bytes.Signed());
                meter.Highest = new Energy(bytes.Signed());
            }

            if ((has & MeterRunParts.Tail) != 0)
            {
                meter.Tail = ReadTail(ref bytes);
            }

            if ((has & MeterRunParts.Window) != 0)
            {
                window.Start = new Instant(at + bytes.Signed());
                window.Readings = (int)bytes.Signed();
                window.PowerReadings = (int)(window.Readings - bytes.Signed());
                window.HashRateReadings = (int)(window.Readings - bytes.Signed());
                window.PowerSum = bytes.Signed() + (power * window.PowerReadings);
                window.PowerMin = new Power(bytes.Signed() + power);
                window.PowerMax = new Power(bytes.Signed() + power);
                window.HashRateSum = bytes.Signed();
                window.TemperatureMax = new Temperature((int)bytes.Signed());
                window.Energy = bytes.Signed();
                window.Estimated = bytes.Signed();
            }
        }

        (window.HasTemperature, window.HandedOver, window.HasRegister) =
            ((has & MeterRunParts.WindowTemperature) != 0, (has & MeterRunParts.WindowHandedOver) != 0, (has & MeterRunParts.WindowRegister) != 0);
        return run;
    }

    private static void WriteTail(TailDay[] tail, ref NumberWriter bytes)
    {
        bytes.Unsigned((ulong)tail.Length);
        foreach (TailDay day in tail)
        {
            bytes.Unsigned((ulong)day.Day.DayNumber);
            bytes.Signed(day.Integrated.MicrowattHours);
            bytes.Signed(day.Estimated.MicrowattHours);
        }
    }

    private static TailDay[] ReadTail(ref NumberReader bytes)
    {
        var tail = new TailDay[(int)bytes.Unsigned()];
        for (int i = 0; i < tail.Length; i++)
        {
            tail[i] = new TailDay(DateOnly.FromDayNumber((int)bytes.Unsigned()), new Energy(bytes.Signed()), new Energy(bytes.Signed()));
        }

        return tail;
    }
}
