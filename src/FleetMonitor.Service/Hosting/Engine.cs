using FleetMonitor.Fleet;
using FleetMonitor.Fleet.Units;
using FleetMonitor.Ledger;
using FleetMonitor.Ledger.Store;
using FleetMonitor.Levy;
using FleetMonitor.Metering;
using FleetMonitor.Service.Alerts;
using FleetMonitor.Service.Configuration;
using FleetMonitor.Service.Pipeline;
using FleetMonitor.Telemetry;

namespace FleetMonitor.Service.Hosting;

/// <summary>The flow put together: a ledger opened for writing, the shards brought to where it stands, and the loop that runs them.</summary>
internal sealed partial class Engine : IAsyncDisposable
{
    /// <summary>
    /// While a batch is decided and committed, some hundredths of a second's worth may wait. More would only wait longer where readings are dear
    /// to decide, as the late ones of a flood are: honest rigs behind it, and a stop.
    /// </summary>
    private const int QueuedMessages = 4_096;
    private static readonly TimeSpan TickEvery = TimeSpan.FromSeconds(5);

    /// <summary>How much longer a start takes so that all of a ledger of some ten megabytes is checked before anything is accepted.</summary>
    private static readonly TimeSpan WaitForCheck = TimeSpan.FromMilliseconds(250);

    private Engine(
        LedgerWriter ledger,
        LedgerCheck check,
        PipelineLoop loop,
        Decider decider,
        IProjection projection,
        FleetState fleet,
        RateSchedule schedule,
        MeteringOptions metering,
        PipelineCounters counters)
    {
        Ledger = ledger;
        Check = check;
        Loop = loop;
        Decider = decider;
        Projection = projection;
        Fleet = fleet;
        Schedule = schedule;
        Metering = metering;
        Counters = counters;
    }

    public LedgerWriter Ledger { get; }

    /// <summary>Of the whole ledger, as it was when it was opened; may still run.</summary>
    public LedgerCheck Check { get; }

    public PipelineLoop Loop { get; }

    public Decider Decider { get; }

    public IProjection Projection { get; }

    public FleetState Fleet { get; }

    public RateSchedule Schedule { get; }

    public MeteringOptions Metering { get; }

    /// <summary>How long after a reading's time it has settled and stands in a checkpoint, as a rule.</summary>
    public TimeSpan SettlesAfter { get; private init; }

    public PipelineCounters Counters { get; }

    /// <param name="clockFromMessages">Time is what the messages' receive times say: for replaying the past.</param>
    /// <exception cref="LedgerException">The ledger is in use, damaged, another program's or a newer version's.</exception>
    public static Engine Open(
        Settings settings,
        SiteFiles files,
        bool clockFromMessages,
        TimeProvider time,
        ILogger log)
    {
        LedgerWriter ledger = LedgerWriter.Open(new LedgerFiles(settings.Ledger.Directory), step => LogMigrating(log, step));
        LedgerCheck? check = null;
        try
        {
            var fleet = new FleetState(files.Fleet, settings.Fleet.DefaultTimeZone);
            var shards = new ShardSet(
                settings.Ledger.Shards,
                settings.Ledger.BlockReadings,
                fleet,
                settings.Metering,
                settings.Anomalies,
                files.Schedule,
                ledger.BlocksFrom,
                Instant.From(time.GetUtcNow()));
            var redeliveries = new Redeliveries();
            var counters = new PipelineCounters();
            IProjection projection;
            AlertDesk alerts;
            using (LedgerReader reader = LedgerReader.Open(ledger.Files))
            {
                shards.Recover(reader);
                redeliveries.Restore(reader.Redeliveries());
                projection = Projections.Create(settings, reader, ledger.Files, shards, time);
                alerts = new AlertDesk(settings.Alerts.Grouping, shards, projection, counters);
                alerts.Restore(reader, Instant.From(time.GetUtcNow()));
            }

            check = LedgerCheck.Start(ledger.Files, time, log);
            var decider = new Decider(
                new TelemetryDecoder(
                    files.Profiles,
                    () => fleet.Current,
                    new DecodeOptions
                    {
                        MaxFuture = settings.MaxFuture,
                        MaxDevicePower = settings.Metering.MaxDevicePower,
                        DefaultSite = settings.Fleet.DefaultSite,
                        DefaultTimeZone = settings.Fleet.DefaultTimeZone,
                    }),
                shards,
                fleet,
                redeliveries,
                projection,
                alerts,
                new DeciderOptions(settings.Fleet.MaxUnregistered, settings.Ledger.CheckpointAfter),
                counters);
            var loop = new PipelineLoop(
                decider,
                ledger,
                counters,
                new PipelineLoopOptions(
                    settings.Ledger.MessagesPerBatch,
                    QueuedMessages,
                    clockFromMessages ? TimeSpan.Zero : settings.Ledger.CommitEvery,
                    TickEvery,
                    clockFromMessages),
                time,
                log);
            check.Wait(WaitForCheck);
            return new Engine(ledger, check, loop, decider, projection, fleet, files.Schedule, settings.Metering, counters)
            {
                SettlesAfter = settings.Metering.Window + settings.Metering.ReorderWindow + CheckpointPace.Longest(settings.Ledger.CheckpointAfter),
            };
        }
        catch (Exception e)
        {
            try
            {
                // Damage may show as anything where nobody expects it; what the check says of it is what helps.
                if (e is not LedgerException && (check ??= LedgerCheck.Start(ledger.Files, time, log)).Damage() is { } damage)
                {
                    throw damage;
                }

                throw;
            }
            finally
            {
                check?.Dispose();
                ledger.LeaveAsItIs();
                ledger.Dispose();
            }
        }
    }

    /// <summary>Starts the loop. The facts may have changed while nothing ran: what they change is metered again first.</summary>
    public Task StartAsync()
    {
        Loop.Start();
        return ApplyAsync(null);
    }

    /// <summary>Takes a fleet file that was read anew: open books follow it at once.</summary>
    /// <returns>How many devices were metered again.</returns>
    public Task<int> TakeFleetAsync(FleetSnapshot snapshot) => ApplyAsync(snapshot);

    /// <summary>
    /// Between batches, and the accounts first: no batch may be summed by facts that the accounts do not follow yet, or a return to the old
    /// facts would leave it where it is.
    /// </summary>
    private Task<int> ApplyAsync(FleetSnapshot? snapshot) => Loop.AskAsync(decider =>
    {
        FleetSnapshot fleet = snapshot ?? Fleet.Current;
        Ledger.RebuildAccounts(Accounts.FactsOf(fleet), (device, day) => Accounts.Of(fleet.Site(device.Site), device, day));
        Fleet.Replace(fleet);
        return decider.ApplyFacts();
    });

    public async ValueTask DisposeAsync()
    {
        await Loop.DisposeAsync();
        if (Check.State == LedgerCheckState.Damaged)
        {
            Ledger.LeaveAsItIs();
        }

        Check.Dispose();
        Ledger.Dispose();
    }

    [LoggerMessage(LogLevel.Information, "The ledger is brought up to date: {Step}")]
    private static partial void LogMigrating(ILogger log, string step);
}
