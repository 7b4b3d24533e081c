using System.Globalization;
using FleetMonitor.Fleet;
using FleetMonitor.Fleet.Units;
using FleetMonitor.Ledger.Encoding;
using FleetMonitor.Ledger.Evidence;
using FleetMonitor.Levy;
using FleetMonitor.Metering;

namespace FleetMonitor.Ledger.Store;

/// <summary>One posting of metered energy, as far as it is its own.</summary>
/// <param name="Check">The first four bytes of its hash, so that the first posting that is off can be told from those after it.</param>
internal readonly record struct PageLine(int Device, DateOnly Day, EnergyByQuality Energy, uint Check);

/// <summary>
/// Postings of metered energy that follow each other in the chain and share site, tax period, kind, reason and time, as one row: a full site's
/// quarter is five million of them. Each still has its number and its hash; only the last hash is stored whole, the others follow from the
/// chain.
/// </summary>
/// <param name="First">The first posting's number.</param>
/// <param name="Hash">The last posting's hash, lower-case hex.</param>
internal sealed record PostingPage(long First, Instant PostedAt, PostingKind Kind, string Site, string? Reason, PageLine[] Lines, string Hash)
{
    /// <summary>So that a page is read in a moment when one of its postings is asked for.</summary>
    public const int MostLines = 20_000;

    private const int CheckDigits = 8;

    public static uint CheckOf(string hash) =>
        uint.Parse(hash.AsSpan(0, CheckDigits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);

    /// <summary>True where a posting can stand on a page like <paramref name="first"/>.</summary>
    public static bool Together(Posting first, Posting posting) =>
        posting.Entry.Kind == first.Entry.Kind && posting.PostedAt == first.PostedAt && posting.Entry.Site == first.Entry.Site
        && posting.Entry.Reason == first.Entry.Reason && posting.Entry.Period == first.Entry.Period;

    public void WriteLines(ByteWriter bytes)
    {
        bytes.Unsigned((ulong)Lines.Length);
        WriteColumn(bytes, static line => line.Device);
        WriteColumn(bytes, static line => line.Day.DayNumber);
        WriteColumn(bytes, static line => line.Energy.Register.MicrowattHours);
        WriteColumn(bytes, static line => line.Energy.Integrated.MicrowattHours);
        WriteColumn(bytes, static line => line.Energy.Estimated.MicrowattHours);
        foreach (PageLine line in Lines)
        {
            bytes.Byte((byte)(line.Check >> 24));
            bytes.Byte((byte)(line.Check >> 16));
            bytes.Byte((byte)(line.Check >> 8));
            bytes.Byte((byte)line.Check);
        }
    }

    public static PageLine[] ReadLines(ReadOnlySpan<byte> stored)
    {
        var bytes = new ByteReader(stored);
        ulong announced = bytes.Unsigned();
        if (announced is 0 or > MostLines)
        {
            throw new LedgerCorruptException("a page of postings announces none, or more than any holds");
        }

        int count = (int)announced;
        long[] device = LongColumn.Read(bytes.Bytes(), count);
        long[] day = LongColumn.Read(bytes.Bytes(), count);
        long[] register = LongColumn.Read(bytes.Bytes(), count);
        long[] integrated = LongColumn.Read(bytes.Bytes(), count);
        long[] estimated = LongColumn.Read(bytes.Bytes(), count);
        var lines = new PageLine[count];
        for (int i = 0; i < count; i++)
        {
            uint check = ((uint)bytes.Byte() << 24) | ((uint)bytes.Byte() << 16) | ((uint)bytes.Byte() << 8) | bytes.Byte();
            lines[i] = new PageLine(
                checked((int)device[i]),
                DateOnly.FromDayNumber(checked((int)day[i])),
                new EnergyByQuality(new Energy(register[i]), new Energy(integrated[i]), new Energy(estimated[i])),
                check);
        }

        return lines;
    }

    /// <summary>The postings as the chain has them, from the hash of the one before the page.</summary>
    /// <returns>Each with the hash it should have where its stored check agrees, and with what is stored where it does not.</returns>
    public IEnumerable<Posting> Postings(string previous, Func<int, DeviceKey?> deviceOf)
    {
        for (int i = 0; i < Lines.Length; i++)
        {
            PageLine line = Lines[i];
            var entry = new PostingDraft
            {
                Kind = Kind, Site = Site, Device = deviceOf(line.Device)?.Device, Day = line.Day, Energy = line.Energy, Reason = Reason,
            };
            Posting posting = PostingChain.Append(new PostingHead(First + i - 1, previous), entry, PostedAt);
            string stored = i == Lines.Length - 1 ? Hash
                : CheckOf(posting.Hash) == line.Check ? posting.Hash
                : line.Check.ToString("x8", CultureInfo.InvariantCulture);
            yield return stored == posting.Hash ? posting : posting with { Hash = stored };
            previous = stored;
        }
    }

    private void WriteColumn(ByteWriter bytes, Func<PageLine, long> value)
    {
        long[] values = Array.ConvertAll(Lines, line => value(line));
        int start = bytes.Length;
        LongColumn.Write(bytes, values);
        bytes.CloseBytes(start);
    }
}
