using FleetMonitor.Fleet.Units;
using FleetMonitor.Ledger.Encoding;
using FleetMonitor.Telemetry;

namespace FleetMonitor.Ledger.Journal;

public enum JournalEntryKind : byte
{
    Reading,

    /// <summary>The device's presence topic said that it is there.</summary>
    Online,

    /// <summary>Its last will, or its presence topic, said that it is gone.</summary>
    Offline,

    /// <summary>Time has passed for all devices; the device means nothing.</summary>
    Tick,

    /// <summary>A message was refused for its time; <see cref="JournalEntry.Reading"/> has that time and nothing else.</summary>
    RefusedClock,
}

/// <summary>One decided input of a shard: what the journal holds, and what brings a device's state forward after a restart.</summary>
/// <param name="Phases">What came beside the reading and is only watched.</param>
public readonly record struct JournalEntry(
    int DeviceId, JournalEntryKind Kind, Instant ReceivedAt, Reading Reading, PhaseValues Phases = default);

/// <summary>The entries of one commit as bytes, and exactly back. Times are kept relative to the commit's clock.</summary>
public static class JournalCodec
{
    private const int KindBits = 2;
    private const int KindMask = (1 << KindBits) - 1;
    private const int FieldMask = (1 << 5) - 1;

    /// <summary>Set where values of phases follow the reading; entries from before there were any have it clear.</summary>
    private const int PhasesFlag = 1 << 7;

    public static void Write(ByteWriter bytes, Instant now, in JournalEntry entry)
    {
        bytes.Unsigned((ulong)entry.DeviceId);
        // A refused time is written as a reading of nothing: no other reading has no field.
        JournalEntryKind kind = entry.Kind == JournalEntryKind.RefusedClock ? JournalEntryKind.Reading : entry.Kind;
        bytes.Byte((byte)((int)kind | ((int)entry.Reading.Fields << KindBits) | (entry.Phases.IsPresent ? PhasesFlag : 0)));
        bytes.Signed(now.UnixMilliseconds - entry.ReceivedAt.UnixMilliseconds);
        if (kind != JournalEntryKind.Reading)
        {
            return;
        }

        Reading reading = entry.Reading;
        bytes.Signed(entry.ReceivedAt.UnixMilliseconds - reading.At.UnixMilliseconds);
        if (reading.HasPower)
        {
            bytes.Signed(reading.Power.Milliwatts);
        }

        if (reading.HasRegister)
        {
            bytes.Signed(reading.Register.MicrowattHours);
        }

        if (reading.HasHashRate)
        {
            bytes.Signed(reading.HashRate.MegahashesPerSecond);
        }

        if (reading.HasTemperature)
        {
            bytes.Signed(reading.Temperature.Millicelsius);
        }

        if (reading.HasStatus)
        {
            bytes.Byte((byte)reading.Status);
        }

        if (entry.Phases is { IsPresent: true } phases)
        {
            bytes.Byte((byte)phases.Quantity);
            bytes.Signed(phases.A);
            bytes.Signed(phases.B);
            bytes.Signed(phases.C);
        }
    }

    public static JournalEntry Read(ref ByteReader bytes, Instant now)
    {
        int device = (int)bytes.Unsigned();
        byte head = bytes.Byte();
        var kind = (JournalEntryKind)(head & KindMask);
        var fields = (ReadingFields)((head >> KindBits) & FieldMask);
        var receivedAt = new Instant(now.UnixMilliseconds - bytes.Signed());
        if (kind != JournalEntryKind.Reading)
        {
            return new JournalEntry(device, kind, receivedAt, default);
        }

        var at = new Instant(receivedAt.UnixMilliseconds - bytes.Signed());
        var reading = new Reading(
            at,
            fields,
            new Power(fields.HasFlag(ReadingFields.Power) ? bytes.Signed() : 0),
            new Energy(fields.HasFlag(ReadingFields.Register) ? bytes.Signed() : 0),
            new HashRate(fields.HasFlag(ReadingFields.HashRate) ? bytes.Signed() : 0),
            new Temperature(fields.HasFlag(ReadingFields.Temperature) ? (int)bytes.Signed() : 0),
            fields.HasFlag(ReadingFields.Status) ? (DeviceStatus)bytes.Byte() : DeviceStatus.Unknown);
        PhaseValues phases = (head & PhasesFlag) == 0
            ? default
            : new PhaseValues((PhaseQuantity)bytes.Byte(), bytes.Signed(), bytes.Signed(), bytes.Signed());
        return new JournalEntry(
            device, fields == ReadingFields.None ? JournalEntryKind.RefusedClock : JournalEntryKind.Reading, receivedAt, reading, phases);
    }
}
