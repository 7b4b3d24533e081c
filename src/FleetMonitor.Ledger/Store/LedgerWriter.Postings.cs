using FleetMonitor.Fleet.Units;
using FleetMonitor.Levy;
using FleetMonitor.Metering;

namespace FleetMonitor.Ledger.Store;

public sealed partial class LedgerWriter
{
    /// <summary>The chain's end: the next posting follows from it.</summary>
    public PostingHead PostingHead() => PostingQueries.Head(_connection);

    public IReadOnlyList<Filing> Filings(string site, TaxPeriod period) => PostingQueries.Filings(_connection, site, period);

    /// <summary>
    /// Device-days whose books have changed since they were posted: local days <c>from ≤ day &lt; to</c> of the devices asked for, from
    /// <paramref name="fromDevice"/> on; whole devices, until there are <paramref name="enough"/>.
    /// </summary>
    public IReadOnlyList<DueDeviceDay> DueDays(DateOnly from, DateOnly to, int fromDevice, Predicate<int> device, int enough) =>
        PostingQueries.Due(_connection, from, to, fromDevice, device, enough);

    /// <summary>What the books of a device-day are, as of its newest checkpoint, and what was posted; zero where it has none.</summary>
    public IReadOnlyDictionary<(int Device, DateOnly Day), (EnergyByQuality Books, EnergyByQuality Posted)> DeviceDays(
        IReadOnlyCollection<(int Device, DateOnly Day)> days)
    {
        Dictionary<(int, DateOnly), EnergyByQuality> posted = PostingPages.Posted(_connection, days);
        return days.ToDictionary(
            day => day,
            day => (
                _statements.ReadDeviceDay.Query(row => PostingQueries.Energy(row, 0), day.Device, day.Day.DayNumber).FirstOrDefault(),
                posted.GetValueOrDefault(day)));
    }

    /// <summary>Before the checkpoints of the same commit: what they change is due again.</summary>
    private void Write(List<LedgerPosting> postings, List<(int Device, DateOnly Day)> notDue)
    {
        Span<LedgerPosting> rest = System.Runtime.InteropServices.CollectionsMarshal.AsSpan(postings);
        while (!rest.IsEmpty)
        {
            int metered = 0;
            while (metered < rest.Length && rest[metered].Posting.Entry.Kind is PostingKind.Accrual or PostingKind.Adjustment)
            {
                (Posting posting, int? device) = rest[metered++];
                _statements.NotDue.Execute(device!.Value, posting.Entry.Day.DayNumber);
            }

            PostingPages.Write(_statements.PostingPage, _bytes, rest[..metered]);
            rest = rest[metered..];
            if (!rest.IsEmpty)
            {
                Write(rest[0]);
                rest = rest[1..];
            }
        }

        foreach ((int device, DateOnly day) in notDue)
        {
            _statements.NotDue.Execute(device, day.DayNumber);
        }
    }

    private void Write(LedgerPosting byHand)
    {
        (Posting posting, int? device) = byHand;
        PostingDraft entry = posting.Entry;
        _statements.Posting.Execute(
            posting.Seq,
            posting.PostedAt.UnixMilliseconds,
            (int)entry.Kind,
            entry.Site,
            device,
            entry.Day.DayNumber,
            entry.Energy.Register.MicrowattHours,
            entry.Energy.Integrated.MicrowattHours,
            entry.Energy.Estimated.MicrowattHours,
            entry.Charge,
            entry.Amount is { } amount ? Money.Text(amount.Amount) : null,
            entry.Amount?.Currency,
            entry.Reason,
            entry.By,
            Convert.FromHexString(posting.Hash));
    }

    private void Write(List<FiledSource> sources)
    {
        foreach (FiledSource source in sources)
        {
            _statements.FiledSource.Execute(source.Hash, Compressed.Pack(source.Content.Span));
        }
    }

    private void Write(List<Filing> filings)
    {
        foreach (Filing filing in filings)
        {
            _statements.Filing.Execute(filing.Site, filing.Period.ToString(), filing.Number, filing.Hash, filing.Content);
        }
    }
}
