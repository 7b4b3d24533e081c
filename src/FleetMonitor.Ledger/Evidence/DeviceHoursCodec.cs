using FleetMonitor.Fleet.Units;
using FleetMonitor.Ledger.Encoding;
using FleetMonitor.Metering;

namespace FleetMonitor.Ledger.Evidence;

/// <summary>
/// A device's hours of one day as bytes, and exactly back: a column each for the hour, when and where its register stood, and its energy.
/// </summary>
public static class DeviceHoursCodec
{
    private const int MostHours = 25;

    /// <param name="hours">In order.</param>
    public static void Write(ByteWriter bytes, IReadOnlyList<DeviceHour> hours)
    {
        DeviceHour[] read = [.. hours.Where(hour => hour.RegisterAt is not null)];
        bytes.Byte((byte)hours.Count);
        bytes.Byte((byte)read.Length);
        Column(bytes, hours, hour => hour.Hour);
        if (read.Length > 0)
        {
            Column(bytes, read, hour => hour.Hour);
            Column(bytes, read, hour => hour.RegisterAt!.Value.UnixMilliseconds);
            Column(bytes, read, hour => hour.Register.MicrowattHours);
        }

        Column(bytes, hours, hour => hour.Energy.Register.MicrowattHours);
        Column(bytes, hours, hour => hour.Energy.Integrated.MicrowattHours);
        Column(bytes, hours, hour => hour.Energy.Estimated.MicrowattHours);
    }

    public static IReadOnlyList<DeviceHour> Read(ReadOnlySpan<byte> stored)
    {
        var bytes = new ByteReader(stored);
        (int count, int read) = (bytes.Byte(), bytes.Byte());
        if (count > MostHours || read > count)
        {
            throw new LedgerCorruptException("a day announces more hours than any has");
        }

        long[] hour = LongColumn.Read(bytes.Bytes(), count);
        var registers = new Dictionary<long, (Instant, Energy)>();
        if (read > 0)
        {
            long[] of = LongColumn.Read(bytes.Bytes(), read);
            long[] at = LongColumn.Read(bytes.Bytes(), read);
            long[] register = LongColumn.Read(bytes.Bytes(), read);
            for (int i = 0; i < read; i++)
            {
                registers[of[i]] = (new Instant(at[i]), new Energy(register[i]));
            }
        }

        long[] byRegister = LongColumn.Read(bytes.Bytes(), count);
        long[] integrated = LongColumn.Read(bytes.Bytes(), count);
        long[] estimated = LongColumn.Read(bytes.Bytes(), count);
        var hours = new DeviceHour[count];
        for (int i = 0; i < count; i++)
        {
            bool known = registers.TryGetValue(hour[i], out (Instant At, Energy Register) register);
            hours[i] = new DeviceHour(
                (int)hour[i],
                known ? register.At : null,
                register.Register,
                new EnergyByQuality(new Energy(byRegister[i]), new Energy(integrated[i]), new Energy(estimated[i])));
        }

        return hours;
    }

    private static void Column(ByteWriter bytes, IReadOnlyList<DeviceHour> hours, Func<DeviceHour, long> value)
    {
        int start = bytes.Length;
        LongColumn.Write(bytes, [.. hours.Select(value)]);
        bytes.CloseBytes(start);
    }
}
