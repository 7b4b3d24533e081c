using System.Collections.Concurrent;
using System.Text;
using FleetMonitor.Fleet.Units;
using FleetMonitor.Ledger;
using FleetMonitor.Ledger.Store;
using FleetMonitor.Service.Configuration;
using FleetMonitor.Service.Hosting;
using FleetMonitor.Service.Influx;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace FleetMonitor.Tests.Influx;

public sealed class OutboxSenderTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly Instant Window = new(1_795_255_200_000);

    private readonly string _folder = Directory.CreateTempSubdirectory("fleetmonitor-").FullName;
    private readonly Store _store = new();
    private Engine? _engine;
    private OutboxSender? _sender;

    private OutboxGauge Gauge => ((InfluxProjection)_engine!.Projection).Gauge;

    public void Dispose()
    {
        StopAsync().GetAwaiter().GetResult();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task Points_ArriveInOrder_AndLeaveTheOutbox()
    {
        await StartAsync();
        await AddAsync(1, 2, 3);

        await OnceAsync(() => Gauge.Entries == 0 && Gauge.Status.Sent == 3);
        Assert.Equal(["site,site=s readings=1i 1795255200", "site,site=s readings=2i 1795255200", "site,site=s readings=3i 1795255200"], _store.Taken);
        Assert.Equal(0, Waiting());
        Assert.Equal(InfluxState.Sending, Gauge.Status.State);
    }

    [Fact]
    public async Task StoreThatDenies_IsNamedAsTheProblem_AndEverythingIsKept()
    {
        _store.Answer = new PointAnswer(PointVerdict.Denied, "bad token");
        await StartAsync();
        await AddAsync(1, 2);

        await OnceAsync(() => Gauge.Status.Problem == "bad token");
        Assert.Equal(InfluxState.Denied, Gauge.Status.State);
        Assert.Equal(2, Waiting());
        Assert.True(Gauge.Status.Lag > TimeSpan.Zero);
        Assert.Equal((0, 0, 0), (Gauge.Status.Sent, Gauge.Status.Rejected, Gauge.Status.Dropped));
    }

    [Fact]
    public async Task Restart_SendsTheSameBytesAgain()
    {
        _store.Answer = new PointAnswer(PointVerdict.Unavailable, "down");
        await StartAsync();
        await AddAsync(7, 8, 9);
        await OnceAsync(() => _store.Requests.Count > 0 && _store.Requests.Last().Split('\n').Length == 4);
        string before = _store.Requests.Last();
        await StopAsync();

        _store.Requests.Clear();
        _store.Answer = new PointAnswer(PointVerdict.Taken);
        await StartAsync();

        await OnceAsync(() => Gauge.Entries == 0);
        Assert.Equal(before, string.Concat(_store.Requests));
    }

    [Fact]
    [Trait("Telegraf", "#15868")]
    [Trait("Telegraf", "#16500")]
    public async Task Restart_AfterAllHasArrived_SendsNothingAgain()
    {
        await StartAsync();
        await AddAsync(1, 2, 3);
        await OnceAsync(() => Gauge.Entries == 0 && Gauge.Status.Sent == 3);
        await StopAsync();
        _store.Requests.Clear();

        await StartAsync();
        await AddAsync(4);

        await OnceAsync(() => Gauge.Entries == 0 && Gauge.Status.Sent == 1);
        Assert.Equal("site,site=s readings=4i 1795255200\n", Assert.Single(_store.Requests));
    }

    /// <summary>A store that refuses all for months must not fill the disk with what it refused: the newest lots tell why.</summary>
    [Fact]
    public async Task RefusedPoints_MoreThanAreKept_LoseTheOldestLots()
    {
        await StartAsync();
        await _engine!.Loop.AskAsync(decider =>
        {
            decider.Add(commit => commit.PointRejects.AddRange(
                Enumerable.Range(1, 5).Select(lot => new PointReject(Window, $"reason {lot}", 1, [(byte)lot]))));
            return true;
        });

        Assert.Equal(0, await _engine.Loop.AskAsync(_ => _engine.Ledger.TrimPointRejects(5)));
        Assert.Equal(2, await _engine.Loop.AskAsync(_ => _engine.Ledger.TrimPointRejects(3)));

        using LedgerReader ledger = LedgerReader.Open(_engine.Ledger.Files);
        Assert.Equal(["reason 5", "reason 4", "reason 3"], ledger.PointRejects(10).Select(lot => lot.Reason));
    }

    [Fact]
    public async Task RefusedLine_IsKeptWithItsReason_AndTheOthersArrive()
    {
        _store.Refuses = line => line.Contains("readings=2i", StringComparison.Ordinal);
        await StartAsync();
        await AddAsync(1, 2, 3);

        await OnceAsync(() => Gauge.Entries == 0 && Gauge.Status.Rejected == 1);
        using LedgerReader ledger = LedgerReader.Open(_engine!.Ledger.Files);
        PointReject reject = Assert.Single(ledger.PointRejects(10));
        Assert.Equal("bad point", reject.Reason);
        Assert.Equal("site,site=s readings=2i 1795255200\n", Encoding.UTF8.GetString(reject.Lines));
        Assert.Equal(["site,site=s readings=1i 1795255200", "site,site=s readings=3i 1795255200"], _store.Taken);
    }

    [Fact]
    [Trait("Telegraf", "#5536")]
    [Trait("Telegraf", "#17200")]
    public async Task Outage_LongerThanTheBudget_LetsTheOldestGo_AndCountsItForGood()
    {
        _store.Answer = new PointAnswer(PointVerdict.Denied, "down");
        await StartAsync();
        // Each entry holds 300 kB that no packing makes smaller; a megabyte is allowed.
        byte[] noise = new byte[300_000];
        var random = new Random(1);
        for (int i = 0; i < 6; i++)
        {
            random.NextBytes(noise);
            var entry = new OutboxEntry(Window.Plus(TimeSpan.FromMinutes(i)), Points: 10 + i, OutboxLines.Pack(noise));
            await _engine!.Loop.AskAsync(decider =>
            {
                decider.Add(commit => commit.Outbox.Add(entry));
                Gauge.Entered(entry.Lines.Length, entry.Windows);
                return true;
            });
        }

        // The gauge knows before the commit is durable.
        await OnceAsync(() => Gauge.Dropped == 10 + 11 + 12 && Waiting() == 3);
        await StopAsync();
        await StartAsync();
        Assert.Equal(33, Gauge.Status.Dropped);
        using LedgerReader ledger = LedgerReader.Open(_engine!.Ledger.Files);
        Assert.Equal(Window.Plus(TimeSpan.FromMinutes(3)), ledger.OutboxDepth().Oldest);
    }

    private async Task StartAsync()
    {
        Settings settings = SettingsFile.Read(new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Ledger:Directory"] = _folder,
            ["Influx:Url"] = "http://127.0.0.1:1",
            ["Influx:MaxOutboxMb"] = "1",
        }).Build()).Settings;
        SiteFiles files = SiteFiles.Load(settings).Files!;
        _engine = Engine.Open(settings, files, clockFromMessages: false, TimeProvider.System, NullLogger.Instance);
        await _engine.StartAsync();
        LedgerFiles ledger = _engine.Ledger.Files;
        _sender = new OutboxSender(
            _engine.Loop, atMost => OutboxSender.Oldest(ledger, atMost), settings.Influx, Gauge, _store, TimeProvider.System, NullLogger<OutboxSender>.Instance);
        await _sender.StartAsync(CancellationToken.None);
    }

    private async Task StopAsync()
    {
        if (_engine is null)
        {
            return;
        }

        await _engine.Loop.StopAsync();
        await _sender!.StopAsync(CancellationToken.None);
        _sender.Dispose();
        await _engine.DisposeAsync();
        _engine = null;
    }

    /// <summary>An entry each.</summary>
    private async Task AddAsync(params int[] readings)
    {
        foreach (int count in readings)
        {
            var sums = default(SiteSums);
            sums.Add(new WindowShare(Billed: true, null, null, null, 0, null, count));
            await _engine!.Loop.AskAsync(_ =>
            {
                ((InfluxProjection)_engine.Projection).AddSite("s", Window, sums);
                return true;
            });
        }
    }

    private long Waiting()
    {
        using LedgerReader ledger = LedgerReader.Open(_engine!.Ledger.Files);
        return ledger.OutboxDepth().Entries;
    }

    private static async Task OnceAsync(Func<bool> holds)
    {
        using var timeout = new CancellationTokenSource(Patience);
        while (!holds())
        {
            await Task.Delay(20, timeout.Token);
        }
    }

    /// <summary>A store that does as it is told.</summary>
    private sealed class Store : IPointSink
    {
        public PointAnswer Answer { get; set; } = new(PointVerdict.Taken);

        public Func<string, bool>? Refuses { get; set; }

        public ConcurrentQueue<string> Requests { get; } = [];

        public List<string> Taken { get; } = [];

        public Task<PointAnswer> WriteAsync(ReadOnlyMemory<byte> lines, CancellationToken cancellation)
        {
            string text = Encoding.UTF8.GetString(lines.Span);
            Requests.Enqueue(text);
            string[] sent = text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
            if (Refuses is { } refuses && sent.Any(refuses))
            {
                return Task.FromResult(new PointAnswer(PointVerdict.Refused, "bad point"));
            }

            if (Answer.Verdict == PointVerdict.Taken)
            {
                Taken.AddRange(sent);
            }

            return Task.FromResult(Answer);
        }
    }
}
