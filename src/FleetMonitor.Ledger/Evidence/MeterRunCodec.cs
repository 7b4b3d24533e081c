using FleetMonitor.Fleet.Units;
using FleetMonitor.Ledger.Encoding;
using FleetMonitor.Metering;

namespace FleetMonitor.Ledger.Evidence;

/// <summary>
/// Where a device's metering stands, as bytes and exactly back. Times and powers of one run are near each other: they are told from the newest
/// power. Ledgers also hold runs that were written whole, without the byte that says so; apart from that they are alike.
/// <code>near · parts · power's time and value · register · tail · window</code>
/// </summary>
public static class MeterRunCodec
{
    /// <summary>As parts it would be of a window that is not there: no run that was written whole begins so.</summary>
    private const byte Near = (byte)MeterRunParts.WindowRegister;

    public static void Write(ByteWriter bytes, in MeterRun run)
    {
        MeterState meter = run.Meter;
        DeviceWindow window = run.Window;
        MeterRunParts has = run.Parts;
        long at = meter.HasPower ? meter.PowerAt.UnixMilliseconds : 0;
        long power = meter.HasPower ? meter.Power.Milliwatts : 0;
        bytes.Byte(Near);
        bytes.Byte((byte)has);
        if (meter.HasPower)
        {
            bytes.Signed(meter.PowerAt.UnixMilliseconds);
            bytes.Signed(meter.Power.Milliwatts);
        }

        if (meter.HasRegister)
        {
            bytes.Signed(meter.FirstRegisterAt.UnixMilliseconds - at);
            bytes.Signed(meter.RegisterAt.UnixMilliseconds - at);
            bytes.Signed(meter.Highest.MicrowattHours);
        }

        if (meter.Tail is { Length: > 0 } tail)
        {
            bytes.Unsigned((ulong)tail.Length);
            foreach (TailDay day in tail)
            {
                bytes.Unsigned((ulong)day.Day.DayNumber);
                bytes.Signed(day.Integrated.MicrowattHours);
                bytes.Signed(day.Estimated.MicrowattHours);
            }
        }

        if (window.Readings > 0)
        {
            bytes.Signed(window.Start.UnixMilliseconds - at);
            bytes.Unsigned((ulong)window.Readings);
            bytes.Unsigned((ulong)window.PowerReadings);
            bytes.Signed(unchecked(window.PowerSum - (power * window.PowerReadings)));
            bytes.Signed(window.PowerMin.Milliwatts - power);
            bytes.Signed(window.PowerMax.Milliwatts - power);
            bytes.Unsigned((ulong)window.HashRateReadings);
            bytes.Signed(window.HashRateSum);
            bytes.Signed(window.TemperatureMax.Millicelsius);
            bytes.Signed(window.Energy);
            bytes.Signed(window.Estimated);
        }
    }

    public static MeterRun Read(ref ByteReader bytes)
    {
        var run = default(MeterRun);
        byte first = bytes.Byte();
        bool near = first == Near;
        var has = (MeterRunParts)(near ? bytes.Byte() : first);
        run.Meter.HasPower = has.HasFlag(MeterRunParts.Power);
        run.Meter.HasRegister = has.HasFlag(MeterRunParts.Register);
        run.Meter.TailHasGap = has.HasFlag(MeterRunParts.TailGap);
        if (run.Meter.HasPower)
        {
            run.Meter.PowerAt = new Instant(bytes.Signed());
            run.Meter.Power = new Power(bytes.Signed());
        }

        long at = near ? run.Meter.PowerAt.UnixMilliseconds : 0;
        long power = near ? run.Meter.Power.Milliwatts : 0;
        if (run.Meter.HasRegister)
        {
            run.Meter.FirstRegisterAt = new Instant(at + bytes.Signed());
            run.Meter.RegisterAt = new Instant((near ? at : run.Meter.FirstRegisterAt.UnixMilliseconds) + bytes.Signed());
            run.Meter.Highest = new Energy(bytes.Signed());
        }

        if (has.HasFlag(MeterRunParts.Tail))
        {
            var tail = new TailDay[bytes.Count(3)];
            for (int i = 0; i < tail.Length; i++)
            {
                tail[i] = new TailDay(
                    DateOnly.FromDayNumber((int)bytes.Unsigned()), new Energy(bytes.Signed()), new Energy(bytes.Signed()));
            }

            run.Meter.Tail = tail;
        }

        if (has.HasFlag(MeterRunParts.Window))
        {
            run.Window.Start = new Instant(at + bytes.Signed());
            run.Window.Readings = (int)bytes.Unsigned();
            run.Window.PowerReadings = (int)bytes.Unsigned();
            run.Window.PowerSum = unchecked(bytes.Signed() + (power * run.Window.PowerReadings));
            run.Window.PowerMin = new Power(power + bytes.Signed());
            run.Window.PowerMax = new Power(power + bytes.Signed());
            run.Window.HashRateReadings = (int)bytes.Unsigned();
            run.Window.HashRateSum = bytes.Signed();
            run.Window.TemperatureMax = new Temperature((int)bytes.Signed());
            run.Window.Energy = bytes.Signed();
            run.Window.Estimated = bytes.Signed();
            run.Window.HasTemperature = has.HasFlag(MeterRunParts.WindowTemperature);
            run.Window.HasRegister = has.HasFlag(MeterRunParts.WindowRegister);
            run.Window.HandedOver = has.HasFlag(MeterRunParts.WindowHandedOver);
        }

        return run;
    }
}
