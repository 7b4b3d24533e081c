using FleetMonitor.Fleet;
using FleetMonitor.Fleet.Units;
using FleetMonitor.Ledger;
using FleetMonitor.Levy;
using FleetMonitor.Metering;
using FleetMonitor.Service.Hosting;
using FleetMonitor.Service.Pipeline;

namespace FleetMonitor.Service.Finance;

/// <summary>Postings that one commit will append to the chain.</summary>
internal sealed class PostingBatch(Engine engine, ShardSet shards, Instant now)
{
    private readonly Dictionary<(string Site, TaxPeriod Period), bool> _closed = [];

    public List<LedgerPosting> Postings { get; } = [];

    public PostingHead Head { get; private set; } = engine.Ledger.PostingHead();

    public Posting Append(PostingDraft entry)
    {
        Posting posting = PostingChain.Append(Head, entry, now);
        int? device = entry.Device is { } name ? shards.Find(new DeviceKey(entry.Site, name))!.Id : null;
        Postings.Add(new LedgerPosting(posting, device));
        Head = PostingHead.Of(posting);
        return posting;
    }

    /// <summary>Brings what is posted for a device-day to what the books say.</summary>
    public void Bring(DeviceKey key, DateOnly day, EnergyByQuality books, EnergyByQuality posted, string reason)
    {
        foreach (PostingDraft entry in PostingPlan.Bring([new DeviceDay(key, day, books)], (_, _) => posted, IsClosed, reason))
        {
            Append(entry);
        }
    }

    private bool IsClosed(string site, TaxPeriod period)
    {
        if (!_closed.TryGetValue((site, period), out bool closed))
        {
            closed = engine.Ledger.Filings(site, period).Count > 0;
            _closed.Add((site, period), closed);
        }

        return closed;
    }
}
