using FleetMonitor.Fleet.Units;
using FleetMonitor.Levy;
using FleetMonitor.Metering;

namespace FleetMonitor.Ledger.Store;

public sealed partial class LedgerWriter
{
    /// <summary>The chain's end: the next posting follows from it.</summary>
    public PostingHead PostingHead() => PostingQueries.Head(_connection);

    public IReadOnlyList<Filing> Filings(string site, TaxPeriod period) => PostingQueries.Filings(_connection, site, period);

    /// <summary>The first device-days of a site whose books and postings differ: local days <c>from ≤ day &lt; to</c>.</summary>
    public IReadOnlyList<DueDeviceDay> DueDays(string site, DateOnly from, DateOnly to, int limit) =>
        [.. _statements.DueDays.Query(PostingQueries.DueDay, site, from.DayNumber, to.DayNumber, limit)];

    /// <summary>What the books and the postings of a device-day are, both as of its newest checkpoint; zero where it has none.</summary>
    public (EnergyByQuality Books, EnergyByQuality Posted) DeviceDay(int device, DateOnly day) =>
        _statements.ReadDeviceDay.Query(row => (PostingQueries.Energy(row, 0), PostingQueries.Energy(row, 3)), device, day.DayNumber).FirstOrDefault();

    private void Write(List<LedgerPosting> postings)
    {
        foreach ((Posting posting, int? device) in postings)
        {
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
            if (entry.Kind is PostingKind.Accrual or PostingKind.Adjustment)
            {
                _statements.Posted.Execute(
                    device,
                    entry.Day.DayNumber,
                    entry.Energy.Register.MicrowattHours,
                    entry.Energy.Integrated.MicrowattHours,
                    entry.Energy.Estimated.MicrowattHours);
            }
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
