using FleetMonitor.Fleet.Units;
using FleetMonitor.Ledger.Encoding;
using FleetMonitor.Ledger.Journal;
using FleetMonitor.Telemetry;
using Xunit;

namespace FleetMonitor.Tests.Ledger;

public sealed class JournalCodecTests
{
    private static readonly Instant Now = new(1_767_225_600_000);

    private static readonly Reading Full = new(
        Now.Minus(TimeSpan.FromSeconds(2)),
        ReadingFields.Power | ReadingFields.Register | ReadingFields.HashRate | ReadingFields.Temperature | ReadingFields.Status,
        new Power(3_250_500), new Energy(123_456_700_000), new HashRate(110_200_000), new Temperature(61_500), DeviceStatus.Mining);

    public static TheoryData<JournalEntry> Entries => new(
        new JournalEntry(7, JournalEntryKind.Reading, Now, Full),
        new JournalEntry(7, JournalEntryKind.Reading, Now, Full, new PhaseValues(PhaseQuantity.Power, 1_100_000, 0, 70_000_000_000)),
        new JournalEntry(0, JournalEntryKind.Reading, Now, new Reading(Now, ReadingFields.Power, new Power(1)), new PhaseValues(PhaseQuantity.Current, 1, 2, 3)),
        new JournalEntry(300, JournalEntryKind.Offline, Now, default),
        new JournalEntry(0, JournalEntryKind.Tick, Now, default),
        new JournalEntry(5, JournalEntryKind.RefusedClock, Now, new Reading(new Instant(0), ReadingFields.None)));

    [Theory]
    [MemberData(nameof(Entries))]
    public void Entry_WrittenAndRead_IsTheSame(JournalEntry entry)
    {
        var bytes = new ByteWriter();
        JournalCodec.Write(bytes, Now, entry);
        JournalCodec.Write(bytes, Now, entry);
        var reader = new ByteReader(bytes.ToArray());
        Assert.Equal(entry, JournalCodec.Read(ref reader, Now));
        Assert.Equal(entry, JournalCodec.Read(ref reader, Now));
        Assert.True(reader.AtEnd);
    }

    /// <summary>Device 7; a reading with power, register and status; received with the commit; two seconds old; 3 mW, 5 µWh, mining.</summary>
    [Fact]
    public void Entry_FromBeforeThereWerePhases_IsReadAsBefore()
    {
        var reader = new ByteReader([7, 0b0_10011_00, 0, 0xA0, 0x1F, 6, 10, 3]);
        JournalEntry entry = JournalCodec.Read(ref reader, Now);
        Assert.Equal(
            new JournalEntry(7, JournalEntryKind.Reading, Now, new Reading(
                Now.Minus(TimeSpan.FromSeconds(2)),
                ReadingFields.Power | ReadingFields.Register | ReadingFields.Status,
                new Power(3), new Energy(5), Status: DeviceStatus.Mining)),
            entry);
        Assert.True(reader.AtEnd);
    }
}
