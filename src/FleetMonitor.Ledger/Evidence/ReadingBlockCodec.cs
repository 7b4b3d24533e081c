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
    private const int ReadOnStack = 128;
    private const int Columns = 6;

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
        var readings = new Reading[ReadCount(ref bytes)];
        Read(ref bytes, readings);
        return readings;
    }

    /// <param name="memory">Where they are put; replaced where it has no room for so many.</param>
    /// <returns>The part of it that holds them.</returns>
    public static ReadOnlySpan<Reading> Read(ref ByteReader bytes, ref Reading[] memory)
    {
        int count = ReadCount(ref bytes);
        if (memory.Length < count)
        {
            memory = new Reading[Math.Max(count, 2 * memory.Length)];
        }

        Span<Reading> readings = memory.AsSpan(0, count);
        Read(ref bytes, readings);
        return readings;
    }

    private static int ReadCount(ref ByteReader bytes)
    {
        ulong announced = bytes.Unsigned();
        return announced <= MostReadings
            ? (int)announced
            : throw new LedgerCorruptException("a block announces more readings than any holds");
    }

    private static void Read(ref ByteReader bytes, Span<Reading> readings)
    {
        if (readings.IsEmpty)
        {
            return;
        }

        int count = readings.Length;
        Span<ReadingFields> fields = count <= ReadOnStack ? stackalloc ReadingFields[count] : new ReadingFields[count];
        bool same = bytes.Byte() == SameFields;
        if (same)
        {
            fields.Fill((ReadingFields)bytes.Byte());
        }
        else
        {
            foreach (ref ReadingFields present in fields)
            {
                present = (ReadingFields)bytes.Byte();
            }
        }

        Span<long> columns = count <= ReadOnStack ? stackalloc long[Columns * count] : new long[Columns * count];
        Span<long> at = columns[..count];
        Span<long> power = columns.Slice(count, count);
        Span<long> register = columns.Slice(2 * count, count);
        Span<long> hashRate = columns.Slice(3 * count, count);
        Span<long> temperature = columns.Slice(4 * count, count);
        Span<long> status = columns.Slice(5 * count, count);
        ReadColumn(ref bytes, fields, ReadingFields.None, at);
        ReadColumn(ref bytes, fields, ReadingFields.Power, power);
        ReadColumn(ref bytes, fields, ReadingFields.Register, register);
        ReadColumn(ref bytes, fields, ReadingFields.HashRate, hashRate);
        ReadColumn(ref bytes, fields, ReadingFields.Temperature, temperature);
        ReadColumn(ref bytes, fields, ReadingFields.Status, status);
        for (int i = 0; i < readings.Length; i++)
        {
            readings[i] = new Reading(
                new Instant(at[i]),
                fields[i],
                new Power(power[i]),
                new Energy(register[i]),
                new HashRate(hashRate[i]),
                new Temperature((int)temperature[i]),
                (DeviceStatus)status[i]);
        }
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

    /// <param name="values">Gets one for each reading, 0 where it has none.</param>
    private static void ReadColumn(ref ByteReader bytes, scoped ReadOnlySpan<ReadingFields> fields, ReadingFields field, scoped Span<long> values)
    {
        int present = 0;
        foreach (ReadingFields some in fields)
        {
            present += (some & field) == field ? 1 : 0;
        }

        LongColumn.Read(bytes.Bytes(), values[..present]);

        // From the last one on: where some readings have no value, those of the others move back.
        for (int i = values.Length - 1; present < values.Length && i >= 0; i--)
        {
            bool has = (fields[i] & field) == field;
            present -= has ? 1 : 0;
            values[i] = has ? values[present] : 0;
        }
    }
}
