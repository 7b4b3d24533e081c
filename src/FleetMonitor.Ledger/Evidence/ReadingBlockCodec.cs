using FleetMonitor.Fleet.Units;
using FleetMonitor.Ledger.Encoding;
using FleetMonitor.Telemetry;

namespace FleetMonitor.Ledger.Evidence;

/// <summary>
/// Kept readings as bytes, and exactly back: one column a field, each with its own length.
/// <code>count · fields (one byte where all report the same, else one each) · at · power · register · hash rate · temperature · status</code>
/// </summary>
public static class ReadingBlockCodec
{
    private const byte SameFields = 0;
    private const byte OwnFields = 1;
    private const int OnStack = 1_024;

    /// <summary>An hour has 3,600,000 milliseconds, the longest that readings wait to be in order, and a batch 1,000,000 messages.</summary>
    private const int MostReadings = 8_000_000;

    private delegate long ValueOf(in Reading reading);

    /// <param name="readings">In time order.</param>
    public static void Write(ByteWriter bytes, ReadOnlySpan<Reading> readings)
    {
        bytes.Unsigned((ulong)readings.Length);
        if (readings.IsEmpty)
        {
            return;
        }

        bool same = true;
        foreach (ref readonly Reading reading in readings)
        {
            same &= reading.Fields == readings[0].Fields;
        }

        bytes.Byte(same ? SameFields : OwnFields);
        foreach (ref readonly Reading reading in same ? readings[..1] : readings)
        {
            bytes.Byte((byte)reading.Fields);
        }

        WriteColumn(bytes, readings, ReadingFields.None, static (in reading) => reading.At.UnixMilliseconds);
        WriteColumn(bytes, readings, ReadingFields.Power, static (in reading) => reading.Power.Milliwatts);
        WriteColumn(bytes, readings, ReadingFields.Register, static (in reading) => reading.Register.MicrowattHours);
        WriteColumn(bytes, readings, ReadingFields.HashRate, static (in reading) => reading.HashRate.MegahashesPerSecond);
        WriteColumn(bytes, readings, ReadingFields.Temperature, static (in reading) => reading.Temperature.Millicelsius);
        WriteColumn(bytes, readings, ReadingFields.Status, static (in reading) => (long)reading.Status);
    }

    public static Reading[] Read(ref ByteReader bytes)
    {
        ulong announced = bytes.Unsigned();
        if (announced > MostReadings)
        {
            throw new LedgerCorruptException("a block announces more readings than any holds");
        }

        int count = (int)announced;
        if (count == 0)
        {
            return [];
        }

        bool same = bytes.Byte() == SameFields;
        var fields = new ReadingFields[count];
        for (int i = 0; i < count; i++)
        {
            fields[i] = same && i > 0 ? fields[0] : (ReadingFields)bytes.Byte();
        }

        Column at = ReadColumn(ref bytes, fields, ReadingFields.None);
        Column power = ReadColumn(ref bytes, fields, ReadingFields.Power);
        Column register = ReadColumn(ref bytes, fields, ReadingFields.Register);
        Column hashRate = ReadColumn(ref bytes, fields, ReadingFields.HashRate);
        Column temperature = ReadColumn(ref bytes, fields, ReadingFields.Temperature);
        Column status = ReadColumn(ref bytes, fields, ReadingFields.Status);

        var readings = new Reading[count];
        for (int i = 0; i < count; i++)
        {
            readings[i] = new Reading(
                new Instant(at.Next(fields[i])),
                fields[i],
                new Power(power.Next(fields[i])),
                new Energy(register.Next(fields[i])),
                new HashRate(hashRate.Next(fields[i])),
                new Temperature((int)temperature.Next(fields[i])),
                (DeviceStatus)status.Next(fields[i]));
        }

        return readings;
    }

    private static void WriteColumn(ByteWriter bytes, ReadOnlySpan<Reading> readings, ReadingFields field, ValueOf value)
    {
        Span<long> values = readings.Length <= OnStack ? stackalloc long[readings.Length] : new long[readings.Length];
        int count = 0;
        foreach (ref readonly Reading reading in readings)
        {
            if ((reading.Fields & field) == field)
            {
                values[count++] = value(reading);
            }
        }

        int start = bytes.Length;
        LongColumn.Write(bytes, values[..count]);
        bytes.CloseBytes(start);
    }

    private static Column ReadColumn(ref ByteReader bytes, ReadingFields[] fields, ReadingFields field) =>
        new(LongColumn.Read(bytes.Bytes(), fields.Count(present => (present & field) == field)), field);

    private struct Column(long[] values, ReadingFields field)
    {
        private int _next;

        public long Next(ReadingFields present) => (present & field) == field ? values[_next++] : 0;
    }
}
