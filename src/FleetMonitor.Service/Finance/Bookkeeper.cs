using FleetMonitor.Fleet;
using FleetMonitor.Fleet.Units;
using FleetMonitor.Ledger;
using FleetMonitor.Ledger.Store;
using FleetMonitor.Levy;
using FleetMonitor.Service.Hosting;
using FleetMonitor.Service.Pipeline;

namespace FleetMonitor.Service.Finance;

/// <summary>
/// The one who posts: metered energy of days that are over, what people enter, and what they close. Every act runs between the pipeline's
/// batches and becomes durable in a commit of its own; each one leaves the chain's head in the anchor file and the log.
/// <code>
///   device-days ──▶ postings ──▶ chain ──▶ statement ──▶ amendment
///   (as metered)    (differences) (head ──▶ anchor file, log, statements)
/// </code>
/// </summary>
internal sealed partial class Bookkeeper(Engine engine, TimeProvider time, ILogger log) : IDisposable
{
    /// <summary>What one commit posts, or little more: few enough that readings do not wait for it.</summary>
    private const int PostingsPerCommit = 20_000;
    private const int CheckpointsPerCommit = 500;
    public const string AfterClose = "metered after the close";

    private readonly SemaphoreSlim _oneAtATime = new(1);

    public RateSchedule Schedule => engine.Schedule;

    /// <summary>
    /// Posts the books of local days that are over, as far as they are in checkpoints; in a closed period what has changed is an adjustment.
    /// </summary>
    /// <returns>How many postings were made.</returns>
    /// <exception cref="LedgerException">The ledger failed.</exception>
    public async Task<long> PostSettledAsync(CancellationToken cancellation)
    {
        using IDisposable turn = await TurnAsync(cancellation);
        string[] sites;
        using (LedgerReader reader = LedgerReader.Open(engine.Ledger.Files))
        {
            sites = [.. reader.FirstDays().Keys.Where(site => reader.AnyDue(SettledBefore(site)))];
        }

        long posted = 0;
        foreach (string site in sites)
        {
            posted += await PostAsync(site, DateOnly.MinValue, SettledBefore(site), cancellation);
        }

        if (posted > 0)
        {
            await AnchorAsync(filing: null);
        }

        return posted;
    }

    /// <summary>Posts what a named person entered: a manual adjustment or turnover.</summary>
    /// <returns>The posting, or every problem that kept it from being made.</returns>
    public async Task<(Posting? Posting, IReadOnlyList<string> Problems)> EnterAsync(PostingDraft entry, CancellationToken cancellation)
    {
        using IDisposable turn = await TurnAsync(cancellation);
        (Posting? Posting, IReadOnlyList<string> Problems) entered = await engine.Loop.AskAsync(decider => EnterNow(decider, entry));
        if (entered.Posting is not null)
        {
            await AnchorAsync(filing: null);
        }

        return entered;
    }

    /// <summary>Closes a period, or files what differs from what was filed as an amended return.</summary>
    public async Task<CloseResult> CloseAsync(CloseRequest request, CancellationToken cancellation)
    {
        using IDisposable turn = await TurnAsync(cancellation);
        // Nothing is filed from a ledger of which not every row is known to be as it was written.
        await engine.Check.FinishAsync().WaitAsync(cancellation);
        await CheckpointAsync(request.Site);
        CloseResult asked = await engine.Loop.AskAsync(decider => new PeriodClose(engine, request, Now()).Refused(decider) ?? CloseResult.Fine);
        if (asked.Refusal is not null)
        {
            return asked;
        }

        if (!request.DryRun)
        {
            await PostAsync(request.Site, request.Period.FirstDay, request.Period.End, cancellation);
        }

        CloseResult closed = await engine.Loop.AskAsync(decider => new PeriodClose(engine, request, Now()).Run(decider));
        if (closed.Filing is { } filing && !request.DryRun)
        {
            PostingHead head = await AnchorAsync(filing);
            LogFiled(log, filing.Site, filing.Period.ToString(), filing.Number, request.By, filing.Hash, head.Count, head.Hash);
        }

        return closed;
    }

    public void Dispose() => _oneAtATime.Dispose();

    /// <summary>Local days before it are over, and their readings stand in checkpoints: posted sooner, most days would be posted twice.</summary>
    private DateOnly SettledBefore(string site) => DayCalendar.Of(engine.Fleet.Current.Site(site)?.TimeZone ?? engine.Fleet.DefaultTimeZone)
        .DateOf(Now().Minus(engine.SettlesAfter));

    private async Task<long> PostAsync(string site, DateOnly from, DateOnly to, CancellationToken cancellation)
    {
        long posted = 0;
        int? next = 0;
        while (next is { } device)
        {
            cancellation.ThrowIfCancellationRequested();
            (int more, next) = await engine.Loop.AskAsync(decider => PostNow(decider, site, from, to, device));
            posted += more;
        }

        return posted;
    }

    /// <summary>Posts one commit's worth.</summary>
    /// <returns>How many postings were made, and the device to go on from; null after the last.</returns>
    private (int Posted, int? Next) PostNow(Decider decider, string site, DateOnly from, DateOnly to, int device)
    {
        var writing = new PostingBatch(engine, decider.Shards, Now());
        IReadOnlyList<DueDeviceDay> due = engine.Ledger.DueDays(
            from, to, device, id => decider.Shards.Devices[id].Key.Site == site, PostingsPerCommit);
        writing.Bring(due, AfterClose);
        writing.Into(decider);
        return (writing.Postings.Count, due.Count < PostingsPerCommit ? null : due[^1].DeviceId + 1);
    }

    private (Posting?, IReadOnlyList<string>) EnterNow(Decider decider, PostingDraft entry)
    {
        var writing = new PostingBatch(engine, decider.Shards, Now());
        List<string> problems = [.. entry.Problems(engine.Schedule), .. new EntryLimits(engine, decider, Now()).Problems(entry)];
        if (problems.Count > 0)
        {
            return (null, problems);
        }

        Posting posting = writing.Append(entry);
        writing.Into(decider);
        return (posting, []);
    }

    /// <summary>Brings all of a site's devices into checkpoints, some at a time, so that books, gaps and events are all in the ledger.</summary>
    private async Task CheckpointAsync(string site)
    {
        // Time passes first: after a start, readings may wait to settle although their window is long over.
        await engine.Loop.AskAsync(decider =>
        {
            decider.Tick(Now());
            return true;
        });
        int devices = await engine.Loop.AskAsync(decider => decider.Shards.Devices.Count);
        for (int first = 0; first < devices; first += CheckpointsPerCommit)
        {
            await engine.Loop.AskAsync(decider =>
            {
                for (int id = first; id < Math.Min(devices, first + CheckpointsPerCommit); id++)
                {
                    TrackedDevice device = decider.Shards.Devices[id];
                    if (device.Key.Site == site && device.DirtySince is not null)
                    {
                        decider.Shards.ShardOf(device).MustCheckpoint(device);
                    }
                }

                return true;
            });
        }
    }

    private async Task<PostingHead> AnchorAsync(Filing? filing)
    {
        PostingHead head = await engine.Loop.AskAsync(_ => engine.Ledger.PostingHead());
        try
        {
            engine.Ledger.Files.Anchors.Append(new Anchor(
                Now(), head, filing is null ? null : new FiledHash(filing.Site, filing.Period, filing.Number, filing.Hash)));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The books are safe; the witness beside them is a line short, and the log has the head.
            LogNotAnchored(log, e.Message);
        }

        LogHead(log, head.Count, head.Hash);
        return head;
    }

    private async Task<IDisposable> TurnAsync(CancellationToken cancellation)
    {
        await _oneAtATime.WaitAsync(cancellation);
        return new Turn(_oneAtATime);
    }

    private Instant Now() => Instant.From(time.GetUtcNow());

    [LoggerMessage(LogLevel.Information, "Postings: {Count}, head {Hash}")]
    private static partial void LogHead(ILogger log, long count, string hash);

    [LoggerMessage(LogLevel.Error, "The chain's head could not be written to the anchor file: {Problem}")]
    private static partial void LogNotAnchored(ILogger log, string problem);

    [LoggerMessage(
        LogLevel.Information, "{Site} {Period} number {Number} was filed by {By}: {Statement}; postings: {Count}, head {Head}")]
    private static partial void LogFiled(
        ILogger log, string site, string period, int number, string by, string statement, long count, string head);

    private sealed class Turn(SemaphoreSlim semaphore) : IDisposable
    {
        public void Dispose() => semaphore.Release();
    }
}
