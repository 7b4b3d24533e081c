using FleetMonitor.Fleet;
using FleetMonitor.Fleet.Units;
using FleetMonitor.Ledger;
using FleetMonitor.Ledger.Store;
using FleetMonitor.Levy;
using FleetMonitor.Service.Hosting;
using FleetMonitor.Service.Pipeline;

namespace FleetMonitor.Service.Finance;

/// <summary>Postings that one commit will append to the chain.</summary>
internal sealed class PostingBatch(Engine engine, ShardSet shards, Instant now)
{
    private readonly Dictionary<(string Site, TaxPeriod Period), bool> _closed = [];

    public List<LedgerPosting> Postings { get; } = [];

    public PostingHead Head { get; private set; } = engine.Ledger.PostingHead();

    public Posting Append(PostingDraft entry) =>
        Append(entry, entry.Device is { } name ? shards.Find(new DeviceKey(entry.Site, name))!.Id : null);

    /// <summary>Device-days that were due and whose books are what is posted.</summary>
    public List<(int Device, DateOnly Day)> NotDue { get; } = [];

    /// <summary>Brings what is posted for device-days to what the books say.</summary>
    public void Bring(IReadOnlyList<DueDeviceDay> due, string reason)
    {
        foreach (DueDeviceDay day in due)
        {
            DeviceKey key = shards.Devices[day.DeviceId].Key;
            PostingDraft? entry = PostingPlan.Bring(new DeviceDay(key, day.Day, day.Books), day.Posted, IsClosed, reason);
            if (entry is null)
            {
                NotDue.Add((day.DeviceId, day.Day));
                continue;
            }

            Append(entry, day.DeviceId);
        }
    }

    /// <summary>Puts all of it into the commit that is under way.</summary>
    public void Into(Decider decider) => decider.Add(commit =>
    {
        commit.Postings.AddRange(Postings);
        commit.NotDue.AddRange(NotDue);
    });

    private Posting Append(PostingDraft entry, int? device)
    {
        Posting posting = PostingChain.Append(Head, entry, now);
        Postings.Add(new LedgerPosting(posting, device));
        Head = PostingHead.Of(posting);
        return posting;
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
