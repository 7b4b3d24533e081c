using System.Globalization;
using FleetMonitor.Fleet;
using FleetMonitor.Fleet.Units;
using FleetMonitor.Ledger;
using FleetMonitor.Ledger.Store;
using FleetMonitor.Levy;
using FleetMonitor.Metering;
using FleetMonitor.Service.Hosting;
using FleetMonitor.Service.Pipeline;

namespace FleetMonitor.Service.Finance;

/// <param name="By">The full name of the person who closes.</param>
/// <param name="Force">Close it although readings are settling, or although the period lasts.</param>
/// <param name="Amend">The period is closed already: file what differs now as an amended return.</param>
/// <param name="DryRun">Say what would be filed, and what is to be known before it is, and file nothing.</param>
internal sealed record CloseRequest(string Site, TaxPeriod Period, string By, bool Force = false, bool Amend = false, bool DryRun = false);

/// <summary>What was filed, or why nothing was. Exactly one of the two is set once the period was tried.</summary>
internal sealed record CloseResult(Filing? Filing, CloseRefusal? Refusal, string? Why)
{
    /// <summary>What the person who closes should know of what is filed.</summary>
    public IReadOnlyList<CloseWarning> Warnings { get; init; } = [];

    public static readonly CloseResult Fine = new(null, null, null);
}

/// <summary>One close of one period, between two batches of the pipeline.</summary>
internal sealed class PeriodClose(Engine engine, CloseRequest request, Instant now)
{
    private readonly Site? _site = engine.Fleet.Current.Site(request.Site);

    /// <summary>Null where it can be filed.</summary>
    public CloseResult? Refused(Decider decider)
    {
        if (_site is null)
        {
            return Refuse(CloseRefusal.UnknownSite, $"the fleet has no site '{request.Site}'");
        }

        if (PeriodBegin.NotYet(_site, request.Period, decider, now) is { } notBegun)
        {
            return Refuse(CloseRefusal.NotBegun, $"{notBegun}: there is nothing to close");
        }

        if (!string.IsNullOrWhiteSpace(request.By) && EntryText.NameProblem(request.By) is { } unfit)
        {
            return Refuse(CloseRefusal.NameUnfit, unfit);
        }

        bool filed = engine.Ledger.Filings(request.Site, request.Period).Count > 0;
        if (request.Amend && !filed)
        {
            return Refuse(CloseRefusal.NotClosed, $"{request.Site} {request.Period} is not closed: there is nothing to amend");
        }

        string? settling = Settling(decider, _site);
        CloseRefusal? refusal = PeriodStates.RefusalToClose(
            request.Period, DayCalendar.Of(_site.TimeZone).DateOf(now), filed && !request.Amend, settling is not null, request.Force, request.By);
        return refusal switch
        {
            null => null,
            CloseRefusal.AlreadyClosed => Refuse(
                CloseRefusal.AlreadyClosed, $"{request.Site} {request.Period} is closed: what differs since can be filed as an amended return"),
            CloseRefusal.NotOver => Refuse(
                CloseRefusal.NotOver, $"{request.Period} lasts until {Day(request.Period.LastDay)}: force it to close it all the same"),
            CloseRefusal.NameMissing => Refuse(CloseRefusal.NameMissing, "the name of the person who closes it is missing"),
            CloseRefusal.StillSettling => Refuse(CloseRefusal.StillSettling, $"{settling}: wait, or force it; what comes later is an adjustment"),
            _ => Refuse(refusal.Value, refusal.Value.ToString()),
        };
    }

    /// <summary>Posts what is left, makes the statement of what is posted, and adds both to the commit.</summary>
    public CloseResult Run(Decider decider)
    {
        if (Refused(decider) is { } refused)
        {
            return refused;
        }

        Site site = _site!;
        TaxPeriod period = request.Period;
        using LedgerReader reader = LedgerReader.Open(engine.Ledger.Files);
        List<DeviceDay> waiting = Waiting(decider, site.Id);
        var writing = new PostingBatch(engine, decider.Shards, now);
        PostRest(decider, waiting, writing);

        List<SiteDay> days =
        [
            .. reader.AccountDays(period.FirstDay, period.End, site.Id)
                .Select(row => Accounts.SiteDay(row.Account, row.Day, row.Energy)),
            .. Billing.RollUp(waiting, _ => site),
        ];
        Statement statement = StatementDraft.Make(new StatementInputs
        {
            Site = site,
            Period = period,
            Schedule = engine.Schedule,
            Books = days,
            Postings = [.. reader.PostingsByHand(site.Id, period.FirstDay, period.End)],
            Gaps = PeriodBooks.Gaps(site, period, reader, decider.Shards.LastReadings(), now),
            Head = writing.Head,
            FleetHash = site.SelfRegistered ? null : engine.Fleet.Current.SourceHash,
        });
        Filing? filing = request.Amend
            ? Amended(reader.Filings(site.Id, period), statement)
            : Filed(statement with { Closing = new Closing(request.By.Trim(), now) });
        if (filing is null)
        {
            return Refuse(CloseRefusal.NothingToAmend, $"nothing differs from what was filed for {site.Id} {period}");
        }

        var result = new CloseResult(filing, null, null) { Warnings = CloseWarnings.Of(statement, site, engine.Schedule, Reporting(decider, site.Id), now) };
        if (request.DryRun)
        {
            return result;
        }

        foreach (DeviceDay day in waiting)
        {
            TrackedDevice device = decider.Shards.Find(day.Key)!;
            decider.Shards.ShardOf(device).MustCheckpoint(device);
        }

        writing.Into(decider);
        decider.Add(commit =>
        {
            commit.Filings.Add(filing);
            commit.FiledSources.AddRange(
                new[] { FiledSource.Of(engine.Schedule.Source), FiledSource.Of(engine.Fleet.Current.Source) }.OfType<FiledSource>());
        });
        return result;
    }

    private static string[] Reporting(Decider decider, string site) =>
        [.. decider.Shards.Devices.Where(device => device.Key.Site == site).Select(device => device.Key.Device)];

    /// <summary>What is due in the ledger, and what waits for the checkpoints of this commit.</summary>
    private void PostRest(Decider decider, List<DeviceDay> waiting, PostingBatch writing)
    {
        var due = new Dictionary<(int Device, DateOnly Day), DueDeviceDay>();
        foreach (DueDeviceDay day in engine.Ledger.DueDays(
            request.Period.FirstDay, request.Period.End, 0, id => decider.Shards.Devices[id].Key.Site == request.Site, int.MaxValue))
        {
            due[(day.DeviceId, day.Day)] = day;
        }

        var energies = waiting.ToDictionary(day => (decider.Shards.Find(day.Key)!.Id, day.Day), day => day.Energy);
        foreach (((int device, DateOnly day), (EnergyByQuality kept, EnergyByQuality posted)) in engine.Ledger.DeviceDays(energies.Keys))
        {
            due[(device, day)] = new DueDeviceDay(device, day, kept + energies[(device, day)], posted);
        }

        writing.Bring([.. due.Values.OrderBy(day => day.DeviceId).ThenBy(day => day.Day)], Bookkeeper.AfterClose);
    }

    /// <summary>Settled energy of the period that is in no checkpoint yet.</summary>
    private List<DeviceDay> Waiting(Decider decider, string site) =>
    [
        .. decider.Shards.Devices.Where(device => device.Key.Site == site)
            .SelectMany(device => device.Days.Where(day => request.Period.Contains(day.Key))
                .Select(day => new DeviceDay(device.Key, day.Key, day.Value))),
    ];

    /// <summary>What may still change the period by itself; null where nothing does.</summary>
    private string? Settling(Decider decider, Site site)
    {
        TimeSpan window = engine.Metering.ReorderWindow;
        Instant end = DayCalendar.Of(site.TimeZone).StartOf(request.Period.End);
        if (now < end.Plus(window))
        {
            return string.Create(CultureInfo.InvariantCulture, $"readings of {request.Period} may still come in order until {end.Plus(window)}");
        }

        int unsettled = decider.Shards.Devices.Count(device => device.Key.Site == site.Id && IsUnsettled(device));
        return unsettled == 0 ? null : string.Create(
            CultureInfo.InvariantCulture, $"{unsettled} devices have readings that add to {request.Period} and are still within the reorder window");
    }

    private bool IsUnsettled(TrackedDevice device)
    {
        if (device.Meter.SettledCount == device.Meter.Count)
        {
            return false;
        }

        var preview = new PreviewSink(new Dictionary<DateOnly, EnergyByQuality>());
        device.Meter.Preview(device.Context, ref preview);
        return preview.Days.Keys.Any(request.Period.Contains);
    }

    private static Filing Filed(Statement statement) =>
        new(statement.Site, statement.Period, 0, StatementJson.HashOf(statement), StatementJson.Write(statement));

    private Filing? Amended(IReadOnlyList<Filing> filings, Statement current)
    {
        if (FiledReturn.Of(filings)!.Against(current) is not { } difference)
        {
            return null;
        }

        byte[] content = StatementJson.Write(difference with { Closing = new Closing(request.By.Trim(), now) });
        string hash = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(content));
        return new Filing(request.Site, request.Period, difference.Number, hash, content);
    }

    private static CloseResult Refuse(CloseRefusal refusal, string why) => new(null, refusal, why);

    private static string Day(DateOnly day) => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}
